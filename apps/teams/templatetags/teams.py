"""Words for templates about teams."""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from apps.teams.access import TEAM_FIELD
from apps.teams.scoping import current_team

register = template.Library()


class FormMarks(CsrfTokenNode):
    """What every form that changes something carries: Django's token, and the team of the page it hangs in."""

    def render(self, context: Context) -> str:
        """Write the hidden fields; outside of a team, and in the admin, there is only Django's."""
        token, team = super().render(context), current_team()
        if not token or team is None:
            return token
        return token + format_html(
            '<input type="hidden" name="{}" value="{}">', TEAM_FIELD, team.public_id
        )


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> FormMarks:
    """Stand in for Django's tag of this name: a stale tab of another team is then found out by any form."""
    return FormMarks()

"""Template tags about teams."""

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from apps.teams.access import TEAM_FIELD
from apps.teams.scoping import current_team

register = template.Library()


class HiddenFields(CsrfTokenNode):
    """The hidden fields of every POST form: Django's token, and the team of the page."""

    def render(self, context: Context) -> str:
        """Render the hidden fields; outside a team, Django's only."""
        token, team = super().render(context), current_team()
        if not token or team is None:
            return token
        return token + format_html(
            '<input type="hidden" name="{}" value="{}">', TEAM_FIELD, team.public_id
        )


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> HiddenFields:
    """Replace Django's tag, so that every form says which team it is of."""
    return HiddenFields()

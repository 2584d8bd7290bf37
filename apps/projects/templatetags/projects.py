"""Template tags about projects."""

from django import template

from apps.teams.scoping import hidden_projects

register = template.Library()


@register.simple_tag
def projects_hidden() -> int:
    """Return how many projects are hidden in the current scope."""
    return len(hidden_projects())

"""Who sees which private project, asked by whoever tells people of what happened."""

from collections.abc import Collection

from django.conf import settings
from django.utils.module_loading import import_string

from apps.teams.models import Member
from apps.teams.scoping import everywhere

Lists = dict[int, frozenset[int]]


def lists_of(teams: Collection[int], projects: Collection[int]) -> Lists:
    """Return, for each of these projects that is private, the numbers of the members who see it.

    Projects stand above this room: the setting WHO_MAY_HEAR names who knows. Without it, none is
    private.
    """
    path = getattr(settings, "WHO_MAY_HEAR", "")
    if not path or not projects:
        return {}
    with everywhere():
        _members, lists = import_string(path)(teams, projects)
    found: Lists = lists
    return found


def hidden_from(member: Member, projects: Collection[int]) -> frozenset[int]:
    """Return which of these projects a member must not hear of."""
    lists = lists_of([member.team_id], projects)
    return frozenset(number for number, seen_by in lists.items() if member.pk not in seen_by)

"""Visibility of projects, for everything that tells people of events.

Projects stand above this room. Their room installs a directory when Django starts; without one, no
project has a name and none is private.
"""

from collections.abc import Collection, Iterable
from typing import Any, Protocol
from uuid import UUID

from apps.teams.models import Member
from apps.teams.scoping import everywhere

MemberLists = dict[int, frozenset[int]]
ProjectNames = dict[int, tuple[str, UUID]]


class ProjectDirectory(Protocol):
    """The questions this room asks about projects."""

    def names(self, numbers: Collection[int]) -> ProjectNames:
        """Return name and public number of these projects, where they may be seen."""

    def visible(self) -> Any:
        """Return a queryset of the projects that the current scope may see, by name."""

    def who_may_hear(
        self, teams: Collection[int], projects: Collection[int]
    ) -> tuple[set[int], MemberLists]:
        """Return the members of these teams now, and who sees each of these private projects."""


_directories: list[ProjectDirectory] = []


def install_directory(directory: ProjectDirectory) -> None:
    """Ask this directory about projects from now on."""
    _directories[:] = [directory]


def member_lists(teams: Collection[int], projects: Collection[int]) -> MemberLists:
    """Return, for each of these projects that is private, the numbers of members who see it."""
    return who_may_hear(teams, projects)[1] if projects else {}


def who_may_hear(teams: Collection[int], projects: Collection[int]) -> tuple[set[int], MemberLists]:
    """Return the members of these teams now, and who sees each of these private projects."""
    with everywhere():
        if _directories:
            return _directories[0].who_may_hear(teams, projects)
        members = Member.objects.filter(team__in=teams, user__is_active=True)
        return set(members.values_list("pk", flat=True)), {}


def projects_hidden_from(member: Member, projects: Collection[int]) -> frozenset[int]:
    """Return which of these projects a member must not hear of."""
    lists = member_lists([member.team_id], projects)
    return frozenset(number for number, seen_by in lists.items() if member.pk not in seen_by)


def project_names(numbers: Iterable[int | None]) -> ProjectNames:
    """Return name and public number of these projects, where they may be seen."""
    known = {number for number in numbers if number}
    return _directories[0].names(known) if _directories and known else {}


def visible_projects() -> Any:
    """Return the projects that the current scope may see, by name."""
    return _directories[0].visible() if _directories else Member.objects.none()

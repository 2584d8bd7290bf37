"""Visibility of projects: open to the team, or private to their members."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.projects.models import Project, ProjectMember
from apps.teams.models import Member
from apps.teams.roles import Role
from apps.teams.scoping import within
from apps.teams.states import TeamStatus


def as_seen_by(member: Member) -> AbstractContextManager[Any]:
    """Enter the scope of a member: the team's rows without projects hidden from them."""
    scope: AbstractContextManager[Any] = within(member.team, hidden=hidden_project_ids(member))
    return scope


def hidden_project_ids(member: Member) -> frozenset[int]:
    """Return the ids of the private projects that a member is not on the list of, in any role.

    A project whose list has become empty is visible to the owners, so that nothing is lost.
    """
    with within(member.team, hidden=()):
        listed = ProjectMember.objects.filter(project=OuterRef("pk"))
        sees = Q(Exists(listed.filter(member=member)))
        if member.role == Role.OWNER:
            sees |= ~Q(Exists(listed))
        return frozenset(
            Project.objects.filter(~sees, is_private=True).values_list("pk", flat=True)
        )


def members_who_see(project: Project) -> QuerySet[Member]:
    """Return the members who see a project: the whole team, or its list."""
    everybody = project.team.members.all()
    if not project.is_private:
        return everybody
    return everybody.filter(pk__in=_members_by_private_project([project.pk]).get(project.pk, ()))


def listed_members(project: Project) -> list[Member]:
    """Return the members of a private project, by name."""
    placed = project.team.members.filter(project_memberships__project=project)
    return list(placed.select_related("user").order_by("user__name", "pk"))


def unlisted_members(project: Project, words: str) -> list[Member]:
    """Return the other members of the team, by name; `words` search names and emails."""
    others = project.team.members.exclude(project_memberships__project=project).filter(
        user__is_active=True
    )
    if words:
        others = others.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
    return list(others.select_related("user").order_by("user__name", "pk"))


class ProjectDirectory:
    """The answers that the activity room needs about projects (apps.activity.visibility)."""

    def names(self, numbers: Collection[int]) -> dict[int, tuple[str, UUID]]:
        """Return name and public number of these projects, where they may be seen."""
        rows = Project.objects.filter(pk__in=numbers).values_list("pk", "name", "public_id")
        return {pk: (name, public_id) for pk, name, public_id in rows}

    def visible(self) -> QuerySet[Project]:
        """Return the projects that the current scope may see, by name."""
        return Project.objects.order_by("name").only("public_id", "name", "is_private")

    def who_may_hear(
        self, teams: Collection[int], projects: Collection[int]
    ) -> tuple[set[int], dict[int, frozenset[int]]]:
        """Return the members of these teams now, and who sees each of these private projects.

        It covers several teams, so call it inside everywhere().
        """
        here = Member.objects.filter(team__in=teams, user__is_active=True).exclude(
            team__status=TeamStatus.SUSPENDED
        )
        return set(here.values_list("pk", flat=True)), _members_by_private_project(projects)


def _members_by_private_project(projects: Collection[int]) -> dict[int, frozenset[int]]:
    """Return, for each of these projects that is private, the members who see it."""
    lists: dict[int, set[int | None]] = {}
    left_to: dict[int, int] = {}
    rows = Project.objects.filter(pk__in=projects, is_private=True)
    for project, team, member in rows.values_list("pk", "team_id", "project_members__member"):
        lists.setdefault(project, set()).add(member)
        if member is None:  # its list has become empty
            left_to[project] = team
    owners = Member.objects.filter(team__in=left_to.values(), role=Role.OWNER) if left_to else ()
    for project, team in left_to.items():
        lists[project] = {owner.pk for owner in owners if owner.team_id == team}
    return {project: frozenset(one for one in members if one) for project, members in lists.items()}

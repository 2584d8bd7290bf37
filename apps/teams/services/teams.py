"""What a person can do with a team as a whole."""

from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import DomainError, NotAllowed
from apps.core.events import record
from apps.teams.models import Member, Team, User
from apps.teams.roles import DENIED_ARCHIVED, Permission, Role
from apps.teams.states import TeamStatus


@transaction.atomic
def create_team(name: str, owner: User) -> Member:
    """Begin a team; its founder owns it."""
    return Member.objects.create(team=Team.objects.create(name=name), user=owner, role=Role.OWNER)


@transaction.atomic
def create_another_team(user: User, name: str, *, idempotency_key: UUID) -> Member:
    """Begin a team, where this installation lets people; the same form sent twice is the same team."""
    if not user.may_create_team:
        raise NotAllowed(_("Only the operators of this installation can create teams."))
    number = uuid5(idempotency_key, f"{user.pk} {name}")
    team, is_new = Team.objects.get_or_create(public_id=number, defaults={"name": name})
    if not is_new:
        known = Member.objects.select_related("team", "user").filter(team=team, user=user).first()
        if known is None:
            raise DomainError(_("You already created this team and left it."))
        return known
    member = Member.objects.create(team=team, user=user, role=Role.OWNER)
    record("founded", team, actor=user, name=name)
    return member


def add_member(team: Team, user: User, role: Role) -> Member:
    """Put somebody into a team; whoever is in it already keeps the role they have."""
    member, _made = Member.objects.get_or_create(team=team, user=user, defaults={"role": role})
    return member


def remember_team(user: User, team: Team) -> None:
    """Have the next sign-in lead to this team."""
    User.objects.filter(pk=user.pk).update(last_team=team)


@transaction.atomic
def rename(actor: Member, name: str) -> None:
    """Give the team another name."""
    (actor,) = reload_members(actor)
    actor.require(Permission.GOVERN)
    team = actor.team
    if team.is_archived:
        raise NotAllowed(str(DENIED_ARCHIVED))
    if name != team.name:
        Team.objects.filter(pk=team.pk).update(name=name)
        record("renamed", team, actor=actor.user, name=name, was=team.name)


@transaction.atomic
def archive(actor: Member) -> None:
    """Close the team's work: nothing is cancelled, and nothing new begun."""
    (actor,) = reload_members(actor)
    actor.require(Permission.GOVERN)
    _change_status(actor.team, TeamStatus.ACTIVE, TeamStatus.ARCHIVED, "archived", actor.user)


@transaction.atomic
def reopen(actor: Member) -> None:
    """Go on with an archived team: orders that waited leave."""
    (actor,) = reload_members(actor)
    actor.require(Permission.GOVERN)
    _change_status(actor.team, TeamStatus.ARCHIVED, TeamStatus.ACTIVE, "opened", actor.user)


@transaction.atomic
def suspend(operator: User, team: Team, why: str) -> None:
    """Close a team to its members; `why` is what they read."""
    if not why.strip():
        raise DomainError(_("Say why: the members of the team will read it."))
    stands = lock_team(team).status
    if stands != TeamStatus.SUSPENDED:
        _change_status(
            team,
            TeamStatus(stands),
            TeamStatus.SUSPENDED,
            "suspended",
            operator,
            suspension_reason=why,
            status_before_suspension=stands,
        )


@transaction.atomic
def lift_suspension(operator: User, team: Team) -> None:
    """Let a team's members in again; what it was before it is again."""
    before = TeamStatus(lock_team(team).status_before_suspension or TeamStatus.ACTIVE)
    _change_status(
        team,
        TeamStatus.SUSPENDED,
        before,
        "opened",
        operator,
        suspension_reason="",
        status_before_suspension="",
    )


def lock_team(team: Team) -> Team:
    """Return the team as it is now; who is what in it, others change after this transaction only."""
    return Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def reload_members(*members: Member) -> list[Member]:
    """Return members of one team as they are now: what was seen a moment ago may have changed."""
    team = lock_team(members[0].team)
    known = {one.pk: one for one in team.members.select_related("user", "team")}
    if any(member.pk not in known for member in members):
        raise DomainError(_("This person is not in the team any more. Reload the page."))
    return [known[member.pk] for member in members]


def person_facts(member: Member) -> dict[str, str | int]:
    """Return what an event keeps of somebody it is about: their name as it was then, and their number."""
    return {"person": str(member.user), "user": member.user_id}


def _change_status(
    team: Team, seen: TeamStatus, to: TeamStatus, verb: str, actor: User, **changes: str
) -> None:
    """Move a team that stands where we saw it; one that is there already, by a doubled click, stays."""
    if Team.objects.filter(pk=team.pk, status=seen).update(status=to, **changes):
        why = {"why": changes["suspension_reason"]} if changes.get("suspension_reason") else {}
        record(verb, team, actor=actor, **why)
    team.refresh_from_db()

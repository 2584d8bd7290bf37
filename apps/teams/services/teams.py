"""Teams: create, rename, archive, reopen, suspend."""

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
    """Create a team with its owner."""
    return Member.objects.create(team=Team.objects.create(name=name), user=owner, role=Role.OWNER)


@transaction.atomic
def create_another_team(user: User, name: str, *, idempotency_key: UUID) -> Member:
    """Create a team if this installation allows it; a form sent twice gives one team."""
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
    """Add a person to a team; a member keeps the role they have."""
    member, _made = Member.objects.get_or_create(team=team, user=user, defaults={"role": role})
    return member


def remember_team(user: User, team: Team) -> None:
    """Make this the team that the next sign-in opens."""
    User.objects.filter(pk=user.pk).update(last_team=team)


@transaction.atomic
def rename(actor: Member, name: str) -> None:
    """Rename the team."""
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
    """Archive the team: running jobs finish, and nothing new can be ordered."""
    (actor,) = reload_members(actor)
    actor.require(Permission.GOVERN)
    _change_status(actor.team, TeamStatus.ACTIVE, TeamStatus.ARCHIVED, "archived", actor.user)


@transaction.atomic
def reopen(actor: Member) -> None:
    """Reopen an archived team; waiting orders are submitted."""
    (actor,) = reload_members(actor)
    actor.require(Permission.GOVERN)
    _change_status(actor.team, TeamStatus.ARCHIVED, TeamStatus.ACTIVE, "opened", actor.user)


@transaction.atomic
def suspend(operator: User, team: Team, why: str) -> None:
    """Suspend a team; its members are shown `why`."""
    if not why.strip():
        raise DomainError(_("Enter a reason. The members of the team will see it."))
    status = lock_team(team).status
    if status != TeamStatus.SUSPENDED:
        _change_status(
            team,
            TeamStatus(status),
            TeamStatus.SUSPENDED,
            "suspended",
            operator,
            suspension_reason=why,
            status_before_suspension=status,
        )


@transaction.atomic
def lift_suspension(operator: User, team: Team) -> None:
    """Lift a suspension; the team has the status of before again."""
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
    """Lock the team's row until the transaction ends; return the team as it is now.

    Changes of members and of money take this lock first, so that two people never decide on the
    same state: neither both lose the last owner, nor both spend the last of a budget.
    """
    return Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def reload_members(*members: Member) -> list[Member]:
    """Lock the team and return these members as they are now."""
    team = lock_team(members[0].team)
    known = {one.pk: one for one in team.members.select_related("user", "team")}
    if any(member.pk not in known for member in members):
        raise DomainError(_("This person is no longer in the team. Reload the page."))
    return [known[member.pk] for member in members]


def person_facts(member: Member) -> dict[str, str | int]:
    """Return the facts by which an event names a member: name at that time, and number."""
    return {"person": str(member.user), "user": member.user_id}


def _change_status(
    team: Team, seen: TeamStatus, to: TeamStatus, verb: str, actor: User, **changes: str
) -> None:
    """Change the status if it still is `seen`; a second click changes nothing."""
    if Team.objects.filter(pk=team.pk, status=seen).update(status=to, **changes):
        why = {"why": changes["suspension_reason"]} if changes.get("suspension_reason") else {}
        record(verb, team, actor=actor, **why)
    team.refresh_from_db()

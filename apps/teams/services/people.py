"""Roles and memberships, changed under the team's lock: a team always keeps an owner."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError, NotAllowed
from apps.core.events import record
from apps.teams.models import Invitation, Member, User
from apps.teams.roles import DENIED_ABOVE, PERMISSIONS, Permission, Role
from apps.teams.services.reassigning import reassign_work
from apps.teams.services.teams import person_facts, reload_members
from apps.teams.slots import LEAVING


@transaction.atomic
def set_role(actor: Member, member: Member, role: Role) -> None:
    """Give a member another role, up to the actor's own."""
    actor, member = reload_members(actor, member)
    _require_power_over(actor, member)
    if role.is_above(Role(actor.role)):
        raise NotAllowed(str(DENIED_ABOVE))
    if role != member.role:
        _require_another_owner(member)
        _change_role(member, role, actor.user)


@transaction.atomic
def transfer_ownership(owner: Member, to: Member) -> None:
    """Make another member the owner; the former owner stays as a producer."""
    owner, to = reload_members(owner, to)
    owner.require(Permission.GOVERN)
    if owner == to or not to.user.is_active:
        raise DomainError(_("Choose someone else who can sign in."))
    if to.role != Role.OWNER:
        _change_role(to, Role.OWNER, owner.user)
    _change_role(owner, Role.PRODUCER, owner.user)
    record("handed_over", owner.team, actor=owner.user, **person_facts(to))


@transaction.atomic
def remove(actor: Member, member: Member, successor: Member) -> None:
    """Remove a member; `successor` gets their open work. Running jobs go on."""
    actor, member, successor = reload_members(actor, member, successor)
    _require_power_over(actor, member)
    _end_membership("removed", member, successor, actor.user)


@transaction.atomic
def leave(member: Member, successor: Member) -> None:
    """Leave the team; `successor` gets the open work."""
    member, successor = reload_members(member, successor)
    _end_membership("left", member, successor, member.user)


def successors_of(member: Member) -> list[Member]:
    """Return the members who can take over work, the highest role first."""
    others = member.team.members.exclude(pk=member.pk).select_related("user").order_by("pk")
    return sorted(filter(_can_take_over, others), key=lambda one: list(Role).index(Role(one.role)))


def is_only_owner(member: Member) -> bool:
    """Whether the team would have no active owner without this member."""
    owners = Member.objects.filter(team=member.team_id, role=Role.OWNER, user__is_active=True)
    return member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists()


def _can_take_over(member: Member) -> bool:
    return member.user.is_active and Permission.CREATE in PERMISSIONS[Role(member.role)]


def _end_membership(verb: str, member: Member, successor: Member, actor: User) -> None:
    _require_another_owner(member)
    if successor == member or not _can_take_over(successor):
        raise DomainError(_("Choose someone who stays and can add to this team's work."))
    work = reassign_work(member.team, member.user, successor.user)
    for reassign in LEAVING:
        reassign(member, successor, actor)
    if work:
        whose = {"from": member.user_id, "to": successor.user_id}
        record("passed_on", member, actor=actor, work=work, person=str(successor.user), **whose)
    record(verb, member, actor=actor, role=member.role, **person_facts(member))
    _revoke_invitations_beyond(member, None, actor)
    Member.objects.filter(pk=member.pk).delete()


def _change_role(member: Member, role: Role, actor: User) -> None:
    was = member.role
    member.role = role
    Member.objects.filter(pk=member.pk).update(role=role)
    change = {"from": str(was), "to": str(role)}
    record("role_changed", member, actor=actor, role=str(role), **change, **person_facts(member))
    _revoke_invitations_beyond(member, role, actor)


def _require_power_over(actor: Member, member: Member) -> None:
    actor.require(Permission.INVITE)
    if not actor.may_change(member):
        raise NotAllowed(str(DENIED_ABOVE))


def _require_another_owner(member: Member) -> None:
    if is_only_owner(member):
        raise DomainError(
            _("%s is the only owner of this team. Make someone else an owner first.") % member.user
        )


def _revoke_invitations_beyond(member: Member, role: Role | None, actor: User) -> None:
    """Revoke the invitations that this member could no longer create with `role`."""
    made = Invitation.objects.not_ended().filter(team=member.team_id, created_by=member.user_id)
    if role and Permission.INVITE in PERMISSIONS[role]:
        made = made.exclude(role__in=role.grantable_roles)
    for invitation in made:
        Invitation.objects.filter(pk=invitation.pk).update(revoked_at=timezone.now())
        record("revoked", invitation, actor=actor)

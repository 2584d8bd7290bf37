"""Erasing an account: personal data is removed, the work stays with the teams."""

from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.teams.models import Invitation, Member, Team, User
from apps.teams.services.people import is_only_owner, leave, successors_of
from apps.teams.slots import ERASING
from apps.teams.states import TeamStatus

# Rows of the account itself; all other rows belong to teams.
OF_THE_ACCOUNT = (EmailAddress, Authenticator, SocialAccount)


def teams_needing_an_owner(user: User) -> list[Team]:
    """Return the teams with other members that this person is the only owner of."""
    return [one.team for one in _memberships_of(user) if is_only_owner(one) and _has_others(one)]


def teams_without_others(user: User) -> list[Team]:
    """Return the teams without other members; erasing archives them."""
    return [one.team for one in _memberships_of(user) if not _has_others(one)]


@transaction.atomic
def erase(user: User) -> None:
    """Erase an account for good; refuse while a team would be left without an owner."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if waiting := teams_needing_an_owner(user):
        names = ", ".join(map(str, waiting))
        raise DomainError(
            _("You are the only owner of %s. Make someone else an owner first.") % names
        )
    for member in _memberships_of(user):
        _leave_team(member)
    _clear_invitations(user)
    for erase_from_room in ERASING:
        erase_from_room(user)
    for session in UserSession.objects.filter(user=user):
        session.end()  # This deletes the data of the sessions, too.
    for model in OF_THE_ACCOUNT:
        model.objects.filter(user=user).delete()
    _clear_personal_data(user)
    _clear_admin_log(user)


def _memberships_of(user: User) -> list[Member]:
    return list(user.memberships.select_related("team", "user").order_by("pk"))


def _has_others(member: Member) -> bool:
    return member.team.members.exclude(pk=member.pk).exists()


def _leave_team(member: Member) -> None:
    """Leave one team; the open work goes to the member with the highest role."""
    if successors := successors_of(member):
        leave(member, successors[0])
        return
    if not _has_others(member):
        Team.objects.filter(pk=member.team_id).update(status=TeamStatus.ARCHIVED)
        record("archived", member.team, actor=member.user)
    record("left", member, actor=member.user, role=member.role, user=member.user_id)
    member.delete()


def _clear_invitations(user: User) -> None:
    """Remove the person's emails from invitations, and revoke those that are open."""
    addresses = [
        user.email,
        *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
    ]
    sent = Invitation.objects.filter(email__in=[one.lower() for one in addresses])
    for invitation in sent.not_ended().select_related("team"):
        record("revoked", invitation, actor=user)
    sent.update(email="", revoked_at=Coalesce("revoked_at", Now()))


def _clear_admin_log(user: User) -> None:
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    about.update(object_repr=str(user))


def _clear_personal_data(user: User) -> None:
    """Remove all personal data from the row; its number stays."""
    user.email = f"former-{uuid4().hex}@erased.invalid"  # RFC 2606: no mail ever gets there
    user.name = ""
    user.time_zone = ""
    user.is_active = False
    user.is_staff = False
    user.is_superuser = False
    user.last_login = None
    user.last_team = None
    user.erased_at = timezone.now()
    user.set_unusable_password()  # every session of theirs ends with it
    user.save()

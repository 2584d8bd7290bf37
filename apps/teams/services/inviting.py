"""Invitations: a link that is shown once and adds people to a team."""

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID, uuid5

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.core.errors import DomainError, NotAllowed
from apps.core.events import record
from apps.teams.models import Invitation, Member, User
from apps.teams.models.invitations import hash_of
from apps.teams.roles import DENIED_ABOVE, Permission, Role
from apps.teams.services.teams import lock_team, person_facts, reload_members

MAX_OPEN = 100  # open invitations of a team
log = structlog.get_logger(__name__)


class InvitationClosed(DomainError):
    """The invitation is used up, expired or revoked."""


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Role, email, uses and lifetime of an invitation to create."""

    role: Role
    email: str = ""
    max_uses: int = 1
    days: int = 7


@transaction.atomic
def invite(
    actor: Member, request: InvitationRequest, *, idempotency_key: UUID
) -> tuple[Invitation, str]:
    """Create an invitation; return it with the secret of its link, which is not stored.

    The same form sent twice gives the same invitation and secret: both are derived from the
    form's idempotency key and this installation's secret key.
    """
    (actor,) = reload_members(actor)
    actor.require(Permission.INVITE)
    if request.role.is_above(Role(actor.role)):
        raise NotAllowed(str(DENIED_ABOVE))
    team = actor.team
    number = uuid5(idempotency_key, json.dumps([actor.pk, asdict(request)], sort_keys=True))
    token = _token(idempotency_key, number)
    if known := Invitation.objects.filter(public_id=number, token_hash=hash_of(token)).first():
        return known, token
    if team.invitations.still_open().count() >= MAX_OPEN:
        raise DomainError(
            _("A team can have up to %s pending invitations. Revoke some first.") % MAX_OPEN
        )
    invitation = Invitation.objects.create(
        public_id=number,
        team=team,
        role=request.role,
        email=request.email.lower(),
        max_uses=1 if request.email else request.max_uses,
        token_hash=hash_of(token),
        created_by=actor.user,
        expires_at=timezone.now() + timedelta(days=request.days),
    )
    facts = {"email": invitation.email, "max_uses": invitation.max_uses}
    record("invited", invitation, actor=actor.user, role=str(request.role), **facts)
    return invitation, token


def _token(idempotency_key: UUID, number: UUID) -> str:
    secret = salted_hmac(
        "apps.teams.invitation", f"{idempotency_key} {number}", algorithm="sha256"
    ).digest()
    return urlsafe_b64encode(secret).decode().rstrip("=")


def invitation_link(token: str) -> str:
    """Return the URL of an invitation."""
    return settings.PUBLIC_URL + reverse("teams:invitation", args=[token])


def mail(invitation: Invitation, link: str) -> bool:
    """Mail the link to the invited person; return whether it was sent."""
    if not (settings.EMAIL_IS_CONNECTED and invitation.email):
        return False
    context = {"invitation": invitation, "link": link}
    # The name of a team may hold anything that can be typed, and a subject is one line.
    subject = " ".join(render_to_string("teams/mail/invitation_subject.txt", context).split())
    text = render_to_string("teams/mail/invitation.txt", context)
    try:
        send_mail(subject, text, None, [invitation.email])
    except OSError:  # any fault of the mail server or of the network
        log.warning("invitation_not_mailed", invitation=str(invitation.public_id), exc_info=True)
        return False
    return True


@transaction.atomic
def revoke(actor: Member, invitation: Invitation) -> None:
    """Revoke an invitation; people who joined by it stay."""
    (actor,) = reload_members(actor)
    actor.require(Permission.INVITE)
    if Role(invitation.role).is_above(Role(actor.role)):
        raise NotAllowed(str(DENIED_ABOVE))
    if Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        record("revoked", invitation, actor=actor.user)


@transaction.atomic
def join(user: User, invitation: Invitation) -> Member:
    """Join the team; a member keeps their role and uses nothing up."""
    lock_team(invitation.team)  # the same order everywhere: lock the team, then its rows
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("team")
        .get(pk=invitation.pk)
    )
    members = Member.objects.select_related("team", "user")
    if member := members.filter(team=invitation.team, user=user).first():
        return member
    if not invitation.is_open or invitation.joined.filter(pk=user.pk).exists():
        raise InvitationClosed(_("This invitation can't be used any more. Ask for a new one."))
    if not invitation.is_for(user):
        raise NotAllowed(_("This invitation is for another email."))
    member = Member.objects.create(team=invitation.team, user=user, role=invitation.role)
    invitation.joined.add(user)
    record(
        "joined",
        member,
        actor=user,
        role=member.role,
        invitation=str(invitation.public_id),
        **person_facts(member),
    )
    return member

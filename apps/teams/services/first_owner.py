"""The first owner of an installation signs up by a link from its log."""

from datetime import timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.teams.models import FirstOwnerClaim, Member, User
from apps.teams.services.email_verification import mark_email_verified
from apps.teams.services.teams import create_team

LINK_LIFETIME = timedelta(hours=24)
SIGNED_WORD = "welcome"


def has_no_users() -> bool:
    """Whether this installation has no account yet."""
    return not (User.objects.exists() or FirstOwnerClaim.objects.exists())


def new_first_owner_token() -> str:
    """Return a signed token for the link."""
    return _signer().sign(SIGNED_WORD).removeprefix(f"{SIGNED_WORD}:")


def is_first_owner_token(token: str) -> bool:
    """Whether this token is ours, younger than a day, and not used yet."""
    return _is_ours(token) and has_no_users()


def _signer() -> signing.TimestampSigner:
    """Return a signer with this installation's secret key."""
    return signing.TimestampSigner(salt="apps.teams.welcome")


def _is_ours(token: str) -> bool:
    try:
        _signer().unsign(f"{SIGNED_WORD}:{token}", max_age=LINK_LIFETIME)
    except signing.BadSignature:  # an expired one raises a subclass
        return False
    return True


def create_first_owner(token: str, *, name: str, email: str, password: str, team: str) -> Member:
    """Create the first account: owner of the first team, and operator.

    The one row of FirstOwnerClaim lets only one of two people with the link succeed.
    """
    too_late = DomainError(_("This link no longer works. It expired or was used."))
    try:
        with transaction.atomic():
            FirstOwnerClaim.objects.create()
            if User.objects.exists() or not _is_ours(token):
                raise too_late
            user = User.objects.create_superuser(email, password, name=name)
            mark_email_verified(user)
            return create_team(team, user)
    except IntegrityError:
        raise too_late from None

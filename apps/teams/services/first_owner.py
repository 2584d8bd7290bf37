"""The first person of an installation comes in by a link that was printed in its log."""

from datetime import timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.teams.models import FirstOwnerClaim, Member, User
from apps.teams.services.email_verification import mark_email_verified
from apps.teams.services.teams import create_team

GOOD_FOR = timedelta(hours=24)
WORD = "welcome"


def has_no_users() -> bool:
    """Whether this installation still waits for its first person."""
    return not (User.objects.exists() or FirstOwnerClaim.objects.exists())


def new_first_owner_token() -> str:
    """Return a token for the link."""
    return _signer().sign(WORD).removeprefix(f"{WORD}:")


def is_first_owner_token(token: str) -> bool:
    """Whether this token opens the door: written here, in the last day, and nobody came in before."""
    return _is_ours(token) and has_no_users()


def _signer() -> signing.TimestampSigner:
    """Sign with this installation's secret key: a link of another one opens nothing here."""
    return signing.TimestampSigner(salt="apps.teams.welcome")


def _is_ours(token: str) -> bool:
    try:
        _signer().unsign(f"{WORD}:{token}", max_age=GOOD_FOR)
    except signing.BadSignature:  # one that is too old is one of them
        return False
    return True


def create_first_owner(token: str, *, name: str, email: str, password: str, team: str) -> Member:
    """Make the first person: owner of a first team, and operator; whoever comes second is told so."""
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

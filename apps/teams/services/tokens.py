"""Tokens: create and revoke."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.teams.models import Member, Token
from apps.teams.models.tokens import NEVER_GRANTED, PREFIX, digest_of
from apps.teams.roles import Permission

MAX_DAYS = 366
MAX_TOKENS = 50  # active tokens of one member


def grantable_permissions(member: Member) -> list[Permission]:
    """Return the permissions that this member can give to a token."""
    return [
        permission for permission in Permission if permission in member.permissions - NEVER_GRANTED
    ]


@transaction.atomic
def create_token(
    member: Member, *, name: str, scopes: Collection[Permission], days: int
) -> tuple[Token, str]:
    """Create a token; return it with its secret, which is not stored."""
    member.require(Permission.AUTOMATE)
    if not set(scopes) <= set(grantable_permissions(member)):
        raise DomainError(_("A token can't have scopes that you don't have."))
    if not 1 <= days <= MAX_DAYS:
        raise DomainError(_("A token can last up to 1 year."))
    if member.tokens.active().count() >= MAX_TOKENS:
        raise DomainError(_("You can have up to %s tokens. Revoke some first.") % MAX_TOKENS)
    secret = PREFIX + secrets.token_urlsafe(30)
    try:
        with transaction.atomic():
            token = Token.objects.create(
                member=member,
                name=name,
                scopes=sorted(permission.value for permission in scopes),
                digest=digest_of(secret),
                hint=secret[-4:],
                expires_at=timezone.now() + timedelta(days=days),
            )
    except IntegrityError:
        raise DomainError(_("You already have a token with this name.")) from None
    return token, secret


@transaction.atomic
def revoke_token(member: Member, token: Token) -> None:
    """Revoke a token: one's own, or any of the team with permission to govern."""
    if token.member_id != member.pk:
        member.require(Permission.GOVERN)
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())

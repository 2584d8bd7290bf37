"""Tokens, by which scripts sign in instead of a session."""

import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.teams.models.teams import Member
from apps.teams.roles import PERMISSION_NAMES, Permission

PREFIX = "mjweb_"  # makes tokens easy to recognise, for people and for secret scanners
# At most one use per interval is recorded.
USE_RECORDED_EVERY = timedelta(minutes=1)
# Permissions that no token can have: with them it could create tokens or invite people.
NEVER_GRANTED = frozenset(
    {Permission.CONNECT, Permission.INVITE, Permission.AUTOMATE, Permission.GOVERN}
)


def digest_of(secret: str) -> str:
    """Return the hash of a token's secret; 240 random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()


class TokenQuerySet(models.QuerySet["Token"]):
    """Querysets of tokens."""

    def active(self) -> "TokenQuerySet":
        """Return tokens that are neither revoked nor expired."""
        return self.filter(
            revoked_at=None, expires_at__gt=timezone.now(), member__user__is_active=True
        )

    def by_secret(self, secret: str) -> "Token | None":
        """Return the active token with this secret, with its member, user and team."""
        return (
            self.active()
            .select_related("member__team", "member__user")
            .filter(digest=digest_of(secret))
            .first()
        )


TokenManager = models.Manager.from_queryset(TokenQuerySet)


class Token(models.Model):
    """A script's right to act as a member, with a subset of their permissions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(
        _("scopes"), default=list
    )  # values of Permission; reading is always allowed
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=4, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(null=True, editable=False)
    used_from = models.GenericIPAddressField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar["TokenManager[Token]"] = TokenManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "name"], name="token_name_once_per_member")
        ]

    kind = "token"
    of_project = None

    def __str__(self) -> str:
        return self.name

    @property
    def team_id(self) -> int:
        """The team that it works in."""
        return self.member.team_id

    @property
    def is_active(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def permissions(self) -> frozenset[Permission]:
        """Its permissions; its member must have them, too."""
        return (
            frozenset(permission for permission in Permission if permission.value in self.scopes)
            - NEVER_GRANTED
        )

    @property
    def scope_names(self) -> list[str]:
        """Its permissions as the table of roles names them."""
        return [
            str(name)
            for permission, name in PERMISSION_NAMES.items()
            if permission in self.permissions
        ]

    def record_use(self, now: datetime, origin: str | None) -> None:
        """Record when and from where it was used last."""
        stale = (
            models.Q(used_at=None)
            | models.Q(used_at__lt=now - USE_RECORDED_EVERY)
            | ~models.Q(used_from=origin)
        )
        Token.objects.filter(stale, pk=self.pk).update(used_at=now, used_from=origin)

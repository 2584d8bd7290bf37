"""Tokens: what machines show instead of a password."""

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

PREFIX = "mjweb_"  # so that people, and scanners of leaked secrets, know one when they see it
# Used again and again within this time, only the first use is written down.
USE_RECORDED_EVERY = timedelta(minutes=1)
# What a machine is never given: it could make itself others, or let people in.
NEVER_GRANTED = frozenset(
    {Permission.CONNECT, Permission.INVITE, Permission.AUTOMATE, Permission.GOVERN}
)


def digest_of(secret: str) -> str:
    """Return what is kept of a token's secret: 240 random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()


class TokenQuerySet(models.QuerySet["Token"]):
    """The questions we ask of tokens."""

    def living(self) -> "TokenQuerySet":
        """Tokens that still open the door."""
        return self.filter(
            revoked_at=None, expires_at__gt=timezone.now(), member__user__is_active=True
        )

    def behind(self, secret: str) -> "Token | None":
        """Return the living token with this secret, with who made it, in which team."""
        return (
            self.living()
            .select_related("member__team", "member__user")
            .filter(digest=digest_of(secret))
            .first()
        )


TokenManager = models.Manager.from_queryset(TokenQuerySet)


class Token(models.Model):
    """A member's permission for a machine to act as them, with less than they may do."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(
        _("scopes"), default=list
    )  # names of permissions; looking is always allowed
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
        """The team in which it opens the door."""
        return self.member.team_id

    @property
    def is_living(self) -> bool:
        """Whether it still opens the door."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def reach(self) -> frozenset[Permission]:
        """What may be done with it, so far as its maker may do it."""
        return (
            frozenset(permission for permission in Permission if permission.value in self.scopes)
            - NEVER_GRANTED
        )

    @property
    def scope_names(self) -> list[str]:
        """What may be done with it, in the words of the table of roles."""
        return [
            str(name) for permission, name in PERMISSION_NAMES.items() if permission in self.reach
        ]

    def note_use(self, now: datetime, origin: str | None) -> None:
        """Write down when and from where it was used last."""
        stale = (
            models.Q(used_at=None)
            | models.Q(used_at__lt=now - USE_RECORDED_EVERY)
            | ~models.Q(used_from=origin)
        )
        Token.objects.filter(stale, pk=self.pk).update(used_at=now, used_from=origin)

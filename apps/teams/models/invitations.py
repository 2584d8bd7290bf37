"""Invitations: links by which people join a team."""

import uuid
from hashlib import sha256
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.teams.models.teams import Team
from apps.teams.models.users import User
from apps.teams.roles import Role

MAX_USES = 50


def hash_of(token: str) -> str:
    """Return the hash of a link's secret, which is long enough to need no salt."""
    return sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Querysets of invitations."""

    def by_token(self, token: str) -> "Invitation | None":
        """Return the invitation of a link, in any state."""
        return self.select_related("team", "created_by").filter(token_hash=hash_of(token)).first()

    def not_ended(self) -> "InvitationQuerySet":
        """Return invitations that are neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def still_open(self) -> "InvitationQuerySet":
        """Return invitations that somebody can still accept."""
        used = models.Count("joined")
        return self.not_ended().annotate(used=used).filter(used__lt=models.F("max_uses"))


InvitationManager = models.Manager.from_queryset(InvitationQuerySet)


class Invitation(models.Model):
    """A role in a team, for one email or for the first `max_uses` people with the link."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="invitations", editable=False
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    # "" for anyone with the link.
    email = models.EmailField(_("email"), blank=True)
    max_uses = models.PositiveSmallIntegerField(
        _("uses"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_USES)],
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # The people who joined by it; nobody joins twice, not even after being removed.
    joined = models.ManyToManyField(User, related_name="+", editable=False)
    expires_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar["InvitationManager[Invitation]"] = InvitationManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="invitation_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(max_uses__range=(1, MAX_USES)),
                name="invitation_has_some_uses",
            ),
            models.CheckConstraint(
                condition=models.Q(email="") | models.Q(max_uses=1),
                name="invitation_to_an_address_is_for_one",
            ),
        ]
        indexes = [models.Index(fields=["team", "-id"], name="invitation_of_team")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.team}"

    kind = "invitation"
    of_project = None

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        in_time = self.revoked_at is None and self.expires_at > timezone.now()
        return (
            in_time
            and not self.team.is_suspended
            and not self.team.is_archived
            and self.uses_left > 0
        )

    @property
    def uses_left(self) -> int:
        """The number of people who can still join."""
        return self.max_uses - self.joined.count()

    def is_for(self, user: User) -> bool:
        """Whether this person may accept it: by the right email, if one is set."""
        return not self.email or self.email.lower() == user.email.lower()

"""Where a team has events called out to, and every call."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.activity.models.events import Event
from apps.activity.states import Fate, Style
from apps.teams.scoping import TeamOwned, scoped


class Hook(TeamOwned):
    """An address that is called when something happens in the team."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    style = models.CharField(_("kind"), max_length=6, choices=Style.choices, default=Style.SLACK)
    # An address of Slack's is itself a secret: it is sealed like a key, and only its host is shown.
    sealed_url = models.TextField(editable=False)
    host = models.CharField(max_length=255, editable=False)
    sealed_secret = models.TextField(editable=False, blank=True)
    topics = models.JSONField(default=list)
    is_on = models.BooleanField(_("on"), default=True)
    # Since when nothing has come through; None while it does.
    failing_since = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Hook"]] = scoped(models.Manager)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="hook_name_once_per_team"),
            models.CheckConstraint(
                condition=models.Q(style__in=Style.values), name="hook_style_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where this hook is shown."""
        return reverse("activity:hook", args=[self.public_id])


class Delivery(TeamOwned):
    """One message to one hook: what it says, and how often it was tried."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    # None for a test that somebody sends.
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL, related_name="+")
    topic = models.CharField(max_length=20)
    body = models.TextField()
    fate = models.CharField(max_length=8, choices=Fate.choices, default=Fate.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    # When it is tried next; None when it is not any more.
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Delivery"]] = scoped(models.Manager)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hook", "event"], name="delivery_once_per_hook_and_event"
            ),
            models.CheckConstraint(
                condition=models.Q(fate__in=Fate.values), name="delivery_fate_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["hook", "-id"], name="delivery_of_hook"),
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="delivery_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} to {self.hook_id}: {self.fate}"

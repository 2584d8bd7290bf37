"""Webhooks of a team, and every message to one."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.activity.models.events import Event
from apps.activity.states import DeliveryStatus, Style
from apps.teams.scoping import TeamOwned, scoped_manager


class Webhook(TeamOwned):
    """A URL to which events of the team are sent."""

    kind = "hook"  # the kind that events store; older events have it, too
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    style = models.CharField(_("kind"), max_length=6, choices=Style.choices, default=Style.SLACK)
    # A URL of Slack's is itself a secret: it is encrypted like a key, and only its host is shown.
    sealed_url = models.TextField(editable=False)
    host = models.CharField(max_length=255, editable=False)
    sealed_secret = models.TextField(editable=False, blank=True)
    topics = models.JSONField(default=list)
    is_on = models.BooleanField(_("on"), default=True)
    # Since when every delivery has failed; None if the last one succeeded.
    failing_since = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager["Webhook"]] = scoped_manager(models.Manager)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="webhook_name_once_per_team"),
            models.CheckConstraint(
                condition=models.Q(style__in=Style.values), name="webhook_style_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page about this webhook."""
        return reverse("activity:webhook", args=[self.public_id])


class Delivery(TeamOwned):
    """One message to one webhook: its body, and the outcome of its tries."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # None for a test that somebody sends.
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL, related_name="+")
    topic = models.CharField(max_length=20)
    body = models.TextField()
    state = models.CharField(
        max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    # The time of the next try; None after the last.
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Delivery"]] = scoped_manager(models.Manager)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event"], name="delivery_once_per_webhook_and_event"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryStatus.values),
                name="delivery_state_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="delivery_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} to {self.webhook_id}: {self.state}"

    @property
    def is_sent(self) -> bool:
        """The address accepted it."""
        return self.state == DeliveryStatus.SENT

    @property
    def is_given_up(self) -> bool:
        """It is not tried again."""
        return self.state == DeliveryStatus.GIVEN_UP

    @property
    def is_waiting(self) -> bool:
        """It is tried again."""
        return self.state == DeliveryStatus.WAITING

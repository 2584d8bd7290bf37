"""States of webhooks and their deliveries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Style(models.TextChoices):
    """The form of a webhook's messages."""

    SLACK = "slack", _("Slack, or compatible")
    SIGNED = "signed", _("Signed (Standard Webhooks)")


class DeliveryStatus(models.TextChoices):
    """The state of a delivery: it waits for its next try until it is sent or given up."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")

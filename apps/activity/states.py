"""What a notice's mail, a hook and one of its deliveries can be."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pace(models.TextChoices):
    """How soon somebody is written to."""

    NEVER = "never", _("Never")
    NOW = "now", _("At once")
    HOURLY = "hourly", _("Every hour")
    DAILY = "daily", _("Once a day, at 8:00")


class Style(models.TextChoices):
    """What a hook says, and how."""

    SLACK = "slack", _("Slack, or what understands its messages")
    SIGNED = "signed", _("Signed (Standard Webhooks)")


class Fate(models.TextChoices):
    """What became of a delivery: it waits for its next try until it is sent or given up."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")

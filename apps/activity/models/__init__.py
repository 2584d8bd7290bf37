"""Events, the notices made of them, and the webhooks they are sent to."""

from apps.activity.models.events import Event
from apps.activity.models.notices import FanOutCursor, Notice, Preference
from apps.activity.models.webhooks import Delivery, Webhook

__all__ = ["Delivery", "Event", "FanOutCursor", "Notice", "Preference", "Webhook"]

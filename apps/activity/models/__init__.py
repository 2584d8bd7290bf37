"""What happened, who is told of it, and where it is called out to."""

from apps.activity.models.events import Event
from apps.activity.models.hooks import Delivery, Hook
from apps.activity.models.notices import Notice, Preference, Told

__all__ = ["Delivery", "Event", "Hook", "Notice", "Preference", "Told"]

"""The activity room."""

from importlib import import_module

from django.apps import AppConfig

from apps.activity import events
from apps.activity.store import DatabaseStore
from apps.core.events import install_store


class ActivityConfig(AppConfig):
    """Events and the live stream."""

    name = "apps.activity"

    def ready(self) -> None:
        """Register this room's events, and keep what rooms record as rows of this room."""
        events.register()
        install_store(DatabaseStore(self.get_model("Event")))
        import_module("apps.activity.contributions").register()

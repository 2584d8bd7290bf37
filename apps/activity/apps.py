"""The activity room."""

from django.apps import AppConfig

from apps.activity.store import DatabaseStore
from apps.core import events


class ActivityConfig(AppConfig):
    """Events and the live stream."""

    name = "apps.activity"

    def ready(self) -> None:
        """Keep what rooms record as rows of this room."""
        events.install_store(DatabaseStore(self.get_model("Event")))

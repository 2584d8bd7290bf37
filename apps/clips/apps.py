"""The clips room."""

from django.apps import AppConfig

from apps.clips import events


class ClipsConfig(AppConfig):
    """Clips, how each was made, their files, and their trash."""

    name = "apps.clips"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()

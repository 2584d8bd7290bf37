"""The clips room."""

from django.apps import AppConfig

from apps.clips import events, slots


class ClipsConfig(AppConfig):
    """Clips, how each was made, their files, and their trash."""

    name = "apps.clips"

    def ready(self) -> None:
        """Register what the log says of this room, and by what its clips are found."""
        events.register()
        slots.register()

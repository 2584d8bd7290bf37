"""The prompts room."""

from django.apps import AppConfig

from apps.prompts import events


class PromptsConfig(AppConfig):
    """The prompt library."""

    name = "apps.prompts"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()

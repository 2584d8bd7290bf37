"""The prompts room."""

from importlib import import_module

from django.apps import AppConfig

from apps.prompts import events


class PromptsConfig(AppConfig):
    """The prompt library."""

    name = "apps.prompts"

    def ready(self) -> None:
        """Register this room with the rooms below it, now that models can be imported."""
        events.register()
        import_module("apps.prompts.contributions").register()

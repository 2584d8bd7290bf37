"""The jobs room."""

from importlib import import_module

from django.apps import AppConfig

from apps.jobs import events


class JobsConfig(AppConfig):
    """Orders to vendors and the clips that come back."""

    name = "apps.jobs"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()
        import_module("apps.jobs.contributions").register()

"""The operations room."""

from importlib import import_module

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Doctor, resealing, and people's own data."""

    name = "apps.operations"

    def ready(self) -> None:
        """Register this room with the rooms below it, now that models can be imported."""
        import_module("apps.operations.contributions").register()

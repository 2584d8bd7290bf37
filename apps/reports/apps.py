"""The reports room."""

from django.apps import AppConfig

from apps.reports import events


class ReportsConfig(AppConfig):
    """Costs and counts across rooms."""

    name = "apps.reports"

    def ready(self) -> None:
        """Register the names of this room's exports."""
        events.register()

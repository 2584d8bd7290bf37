"""The reviews room."""

from importlib import import_module

from django.apps import AppConfig

from apps.reviews import events


class ReviewsConfig(AppConfig):
    """Decisions on clips."""

    name = "apps.reviews"

    def ready(self) -> None:
        """Register this room with the rooms below it, now that models can be imported."""
        events.register()
        import_module("apps.reviews.contributions").register()

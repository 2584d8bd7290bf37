"""The reviews room."""

from django.apps import AppConfig

from apps.reviews import events


class ReviewsConfig(AppConfig):
    """Decisions on clips."""

    name = "apps.reviews"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()

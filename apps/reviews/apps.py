"""The reviews room."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Decisions on clips."""

    name = "apps.reviews"

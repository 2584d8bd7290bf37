"""The activity room."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """Events and the live stream."""

    name = "apps.activity"

"""The desk room."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The first page."""

    name = "apps.desk"

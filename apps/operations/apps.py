"""The operations room."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Doctor, resealing, and people's own data."""

    name = "apps.operations"

"""The jobs room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Orders to vendors and the clips that come back."""

    name = "apps.jobs"

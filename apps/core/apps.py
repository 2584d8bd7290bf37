"""The core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Tools without domain words."""

    name = "apps.core"

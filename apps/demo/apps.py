"""The demo room."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo team and its logins."""

    name = "apps.demo"

"""The teams room."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin

from apps.teams import events


class TeamsConfig(AppConfig):
    """Users, teams and roles."""

    name = "apps.teams"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()
        import_module("apps.teams.slots").register()


class OperatorsConfig(admin.AdminConfig):
    """The admin site for operators, who serve every team."""

    default = False
    default_site = "apps.teams.operators.OperatorsSite"

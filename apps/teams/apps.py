"""The teams room."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class TeamsConfig(AppConfig):
    """Users, teams, roles."""

    name = "apps.teams"


class OperatorsConfig(admin.AdminConfig):
    """The admin site for operators, who serve every team."""

    default = False
    default_site = "apps.teams.operators.OperatorsSite"

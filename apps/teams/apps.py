"""The teams room."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    """Users, teams, roles."""

    name = "apps.teams"

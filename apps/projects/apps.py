"""The projects room."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Projects and their source images."""

    name = "apps.projects"

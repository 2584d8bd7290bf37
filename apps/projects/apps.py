"""The projects room."""

from importlib import import_module

from django.apps import AppConfig

from apps.projects import events


class ProjectsConfig(AppConfig):
    """Projects and their source images."""

    name = "apps.projects"

    def ready(self) -> None:
        """Register this room with the rooms below it, now that models can be imported."""
        events.register()
        import_module("apps.projects.contributions").register()

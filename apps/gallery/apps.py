"""The gallery room."""

from importlib import import_module

from django.apps import AppConfig

from apps.gallery import events


class GalleryConfig(AppConfig):
    """The grid and its filters."""

    name = "apps.gallery"

    def ready(self) -> None:
        """Register what the log and notifications say of this room."""
        events.register()
        import_module("apps.gallery.contributions").register()

"""The gallery room."""

from django.apps import AppConfig


class GalleryConfig(AppConfig):
    """The grid and its filters."""

    name = "apps.gallery"

"""The prompts room."""

from django.apps import AppConfig


class PromptsConfig(AppConfig):
    """The prompt library."""

    name = "apps.prompts"

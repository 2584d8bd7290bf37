"""Contributions of this room to the rooms below it."""

from apps.activity.visibility import install_directory
from apps.projects.queries import ProjectDirectory


def register() -> None:
    """Tell the activity room about projects."""
    install_directory(ProjectDirectory())

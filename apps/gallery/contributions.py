"""Contributions of this room to the room of projects."""

from typing import Any

from django.http import HttpRequest

from apps.core.slots import Panel
from apps.projects.slots import ACTIONS


def register() -> None:
    """Add the way to a project's clips to its page."""
    ACTIONS.fill("clips", _clips_of_project)


def _clips_of_project(request: HttpRequest, project: Any) -> Panel:  # noqa: ARG001  # all see it
    return Panel("gallery/of_project.html", {"project": project})

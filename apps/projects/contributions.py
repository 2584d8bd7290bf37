"""Contributions of this room to the rooms below it."""

from apps.activity.visibility import install_directory
from apps.projects.queries import ProjectDirectory
from apps.projects.services import reassign_project_memberships
from apps.teams.slots import LEAVING


def register() -> None:
    """Tell the rooms below of projects and of the people on their lists."""
    install_directory(ProjectDirectory())
    LEAVING.fill("projects", reassign_project_memberships)

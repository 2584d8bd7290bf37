"""Contributions of this room to the rooms below it."""

from django.utils.translation import gettext_lazy as _

from apps.activity.slots import MENTIONING
from apps.activity.visibility import install_directory
from apps.projects.models import Project
from apps.projects.queries import ProjectDirectory
from apps.projects.services import reassign_project_memberships
from apps.teams.slots import LEAVING, OPEN_WORK, OpenWork


def register() -> None:
    """Give lower rooms the visibility of projects, and what a leaving member hands over."""
    install_directory(ProjectDirectory())
    MENTIONING.fill("projects", Project)
    OPEN_WORK.fill("projects", OpenWork(Project, "created_by", _("projects")), position=10)
    LEAVING.fill("projects", reassign_project_memberships)

"""Contributions of this room to the room of teams."""

from django.utils.translation import gettext_lazy as _

from apps.prompts.models import Prompt
from apps.teams.slots import OPEN_WORK, OpenWork


def register() -> None:
    """Let a successor get the prompts of a member who leaves."""
    OPEN_WORK.fill("prompts", OpenWork(Prompt, "created_by", _("prompts")), position=20)

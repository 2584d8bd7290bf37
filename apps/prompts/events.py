"""Events of the prompt library."""

from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import RoomEvents, SubjectKind, SubjectPage, registry, verbs_in
from apps.projects.events import WORK

SENTENCES = {"wrote": _("saved version %(number)s of the prompt %(title)s")}


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            verbs=verbs_in(WORK, SENTENCES),
            kinds=(SubjectKind(key="prompt", label=_("Prompt"), model="prompts.Prompt"),),
            pages=(SubjectPage(kind="prompt", page="prompts:show"),),
        )
    )

"""Events of the trash, and the page on which several clips are seen."""

from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import Group, ListPage, RoomEvents, registry, verbs_in

TRASH = Group(key="trash", label=_("The trash"), position=90)

SENTENCES = {
    "trashed": _("moved a clip to the trash"),
    "restored": _("restored a clip from the trash"),
    "emptied": _("emptied the trash, clips in it: %(count)s"),
    "wiped": _("deleted a clip in the trash for good, with its files"),
}


def register() -> None:
    """Register this room's events."""
    registry.register(
        RoomEvents(
            groups=(TRASH,),
            verbs=verbs_in(TRASH, SENTENCES),
            lists=(ListPage(key="clips", page="gallery:grid", project_parameter="project"),),
        )
    )

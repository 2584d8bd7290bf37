"""Names of the exports of this room."""

from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import RoomEvents, registry


def register() -> None:
    """Register the words for this room's exports."""
    registry.register(RoomEvents(values={"clip_costs": _("the costs per clip")}))

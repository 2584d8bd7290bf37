"""The page on which several clips are seen."""

from apps.core.event_registry import ListPage, RoomEvents, registry


def register() -> None:
    """Register the gallery as the page for events of several clips."""
    registry.register(
        RoomEvents(lists=(ListPage(key="clips", page="gallery:grid", project_parameter="project"),))
    )

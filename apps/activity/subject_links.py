"""Links from events to the pages about their subjects."""

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from apps.activity.models import Event
from apps.activity.visibility import ProjectNames
from apps.core.event_registry import model_of, page_of, registry
from apps.teams.models import Team


def addresses_of(events: Iterable[Event]) -> dict[UUID, str]:
    """Return the pages of the subjects that exist and are visible, with one query per kind."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        wanted[event.subject_kind].add(event.subject_id)
    linked = [one for one in registry.kinds.values() if one.model and one.key in wanted]
    return {
        public_id: page_of(kind.key, public_id)
        for kind in linked
        for public_id in model_of(kind)
        .objects.filter(public_id__in=wanted[kind.key])
        .values_list("public_id", flat=True)
    }


def path_of(event: Event) -> str:
    """Return the page about one event: of a row that one of its facts names, else its subject."""
    for kind in registry.kinds.values():
        if kind.linked_by and (public_id := event.facts.get(kind.linked_by)):
            return page_of(kind.key, public_id)
    return page_of(event.subject_kind, event.subject_id) or "/"


def list_path(key: str, event: Event, names: ProjectNames) -> str:
    """Return the page that shows several subjects such as this event's; "" if no room has one."""
    page = registry.lists.get(key)
    if page is None:
        return ""
    path, project = reverse(page.page), names.get(event.project_id or 0)
    if project and page.project_parameter:
        return f"{path}?{urlencode({page.project_parameter: project[1]})}"
    return path


def from_outside(team: Team, path: str) -> str:
    """Return the full URL of a page for somebody who may be in another team, or signed out."""
    try:
        entrance = reverse("teams:go", args=[team.public_id])
    except NoReverseMatch:
        return f"{settings.PUBLIC_URL}{path}"
    return f"{settings.PUBLIC_URL}{entrance}?{urlencode({'next': path})}"

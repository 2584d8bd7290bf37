"""What events are about: what it is called, and where it is shown, if it is still there.

The rooms of these rows stand above this one, so they are known by their names alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from apps.activity.models import Event
from apps.teams.models import Team


@dataclass(frozen=True, slots=True)
class Place:
    """The model of a kind of subject, and the page that shows one; without arguments, the page of them all."""

    model: str
    page: str
    takes_id: bool = True


PLACES = {
    "project": Place("projects.Project", "projects:show"),
    "prompt": Place("prompts.Prompt", "prompts:show"),
    "job": Place("jobs.Job", "jobs:show"),
    "clip": Place("jobs.Clip", "reviews:clip"),
    "account": Place("jobs.VendorAccount", "jobs:accounts", takes_id=False),
    "budget": Place("budgets.Budget", "budgets:budgets", takes_id=False),
    "hook": Place("activity.Hook", "activity:hook"),
    "member": Place("teams.Member", "teams:people", takes_id=False),
}


def address_of(kind: str, public_id: UUID | str) -> str:
    """Return the page about a subject, "" where there is none of its kind."""
    place = PLACES.get(kind)
    if place is None:
        return ""
    return reverse(place.page, args=[public_id] if place.takes_id else [])


def addresses_of(events: Iterable[Event]) -> dict[UUID, str]:
    """Return the pages of those subjects that are still there and may be seen, in one query for each kind."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        wanted[event.subject_kind].add(event.subject_id)
    return {
        public_id: address_of(kind, public_id)
        for kind, ids in wanted.items()
        if kind in PLACES
        for public_id in _model(kind)
        .objects.filter(public_id__in=ids)
        .values_list("public_id", flat=True)
    }


def project_names(numbers: Iterable[int | None]) -> dict[int, tuple[str, UUID]]:
    """Return name and public number of these projects, where they may be seen."""
    rows = _model("project").objects.filter(pk__in={number for number in numbers if number})
    return {
        pk: (name, public_id) for pk, name, public_id in rows.values_list("pk", "name", "public_id")
    }


def projects() -> Any:
    """Return the projects that whoever asks may see, by name."""
    return _model("project").objects.order_by("name").only("public_id", "name")


def from_outside(team: Team, path: str) -> str:
    """Return the whole address of a page for somebody who may be in another team, or signed out, just now."""
    try:
        door = reverse("teams:go", args=[team.public_id])
    except NoReverseMatch:
        return f"{settings.PUBLIC_URL}{path}"
    return f"{settings.PUBLIC_URL}{door}?{urlencode({'next': path})}"


def _model(kind: str) -> Any:
    return apps.get_model(PLACES[kind].model)

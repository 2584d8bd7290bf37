"""Exports of the audit log as CSV and JSON, with the filters of the page."""

import json
from collections.abc import Generator, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.activity.models import Event
from apps.activity.sentences import sentence
from apps.core.csv_export import BYTE_ORDER_MARK, escape_formulas, in_chunks, to_csv

MOST_ROWS = 100_000  # of one export; longer ones have to be narrowed by dates
COLUMNS = ("at", "who", "deed", "words", "about", "about_id", "project", "from_address", "facts")


def actor_words(event: Event) -> str:
    """Return the name of whoever acted, or words for a person who is gone, unknown or nobody."""
    if event.actor:
        return str(event.actor)
    if event.of_person:
        return _("former member")
    return _("someone who was not signed in") if event.origin else _("Automatic")


def as_csv(events: QuerySet[Event]) -> Generator[bytes, None, None]:
    """Yield a heading and then the events, newest first."""
    yield to_csv([COLUMNS], mark=BYTE_ORDER_MARK)
    for some in in_chunks(events, most=MOST_ROWS):
        yield to_csv(_row(event) for event in some)


def _row(event: Event) -> Sequence[str]:
    texts = (
        event.created_at.isoformat(),
        actor_words(event),
        event.verb,
        sentence(event.verb, event.facts, event.subject_kind),
        event.subject_kind,
        str(event.subject_id),
        str(event.project_id or ""),
        event.origin or "",
        json.dumps(event.facts, ensure_ascii=False, sort_keys=True) if event.facts else "",
    )
    return [escape_formulas(text) for text in texts]


def as_json(events: QuerySet[Event]) -> Generator[bytes, None, None]:
    """Yield one list of events, newest first, each on a line of its own."""
    yield b"["
    before = "\n"
    for some in in_chunks(events, most=MOST_ROWS):
        yield (
            before + ",\n".join(json.dumps(_object(event), ensure_ascii=False) for event in some)
        ).encode()
        before = ",\n"
    yield b"\n]\n"


def _object(event: Event) -> dict[str, object]:
    return {
        "at": event.created_at.isoformat(),
        "who": actor_words(event),
        "deed": event.verb,
        "words": sentence(event.verb, event.facts, event.subject_kind),
        "about": event.subject_kind,
        "about_id": str(event.subject_id),
        "project": event.project_id,
        "from_address": event.origin,
        "facts": event.facts,
    }

"""Keyset paging: every page costs the same, and new rows shift none of the later pages.

The key is the primary key. It grows as rows are added, and it compares alike in Python and in every
database. A time does not: SQLite stores times that it writes itself with fewer digits. Only a time
that Python wrote can be a key as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MAX_SEARCH_LENGTH = 200
MAX_DIGITS = 18  # of a primary key, or of a time in microseconds


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, newest first, and the cursor of the next page ("" on the last page)."""

    items: Sequence[T]
    next_cursor: str


def search_words(text: str) -> str:
    """Return a search text without NUL and short enough for every database."""
    return text.replace("\x00", "").strip()[:MAX_SEARCH_LENGTH]


def newest_first(rows: QuerySet[Any], cursor: str, *, size: int) -> Page[Any]:
    """Return one page of `rows` after `cursor`; an unreadable cursor is the start."""
    if cursor.isdecimal() and len(cursor) <= MAX_DIGITS:
        rows = rows.filter(pk__lt=int(cursor))
    selected = list(rows.order_by("-pk")[: size + 1])
    items = selected[:size]
    return Page(items, str(items[-1].pk) if len(selected) > size else "")


def latest_first(rows: QuerySet[Any], cursor: str, *, by: str, size: int) -> Page[Any]:
    """Return one page of `rows` by the time in column `by`, which Python must have written.

    Rows of the same time come newest first.
    """
    time, _dash, key = cursor.partition("-")
    if all(part.isdecimal() and len(part) < MAX_DIGITS for part in (time, key)):
        when = EPOCH + int(time) * MICROSECOND
        rows = rows.filter(Q(**{f"{by}__lt": when}) | Q(**{by: when, "pk__lt": int(key)}))
    selected = list(rows.order_by(f"-{by}", "-pk")[: size + 1])
    items = selected[:size]
    return Page(items, _time_key(items[-1], by) if len(selected) > size else "")


def _time_key(row: Any, by: str) -> str:
    return f"{(getattr(row, by) - EPOCH) // MICROSECOND}-{row.pk}"

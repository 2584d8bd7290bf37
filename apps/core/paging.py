"""Paging by key: every page costs the same, however deep, and nothing is skipped when rows arrive.

The key is the primary key: it grows as rows are added, and unlike a moment it means the same to
Python and to every database (SQLite keeps the moments it writes itself with fewer digits than those
we ask with). Only a moment that Python has written can be a key as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, newest first, and the cursor of what comes after them ("" at the end)."""

    items: Sequence[T]
    next_cursor: str


def search_words(text: str) -> str:
    """Return what somebody looks for, cut to what every database takes as a pattern."""
    return text.replace("\x00", "").strip()[:200]


def newest_first(rows: QuerySet[Any], cursor: str, *, size: int) -> Page[Any]:
    """Return one page of `rows` after `cursor`; an unreadable cursor is the start."""
    if cursor.isdecimal() and len(cursor) < 19:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows.order_by("-pk")[: size + 1])
    items = found[:size]
    return Page(items, str(items[-1].pk) if len(found) > size else "")


EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def latest_first(rows: QuerySet[Any], cursor: str, *, by: str, size: int) -> Page[Any]:
    """Return one page of `rows` by the moment in column `by`, which Python wrote; of one moment, the newest first."""
    moment, _dash, key = cursor.partition("-")
    if all(part.isdecimal() and len(part) < 18 for part in (moment, key)):
        when = EPOCH + int(moment) * MICROSECOND
        rows = rows.filter(Q(**{f"{by}__lt": when}) | Q(**{by: when, "pk__lt": int(key)}))
    found = list(rows.order_by(f"-{by}", "-pk")[: size + 1])
    items = found[:size]
    return Page(items, _moment_key(items[-1], by) if len(found) > size else "")


def _moment_key(row: Any, by: str) -> str:
    return f"{(getattr(row, by) - EPOCH) // MICROSECOND}-{row.pk}"

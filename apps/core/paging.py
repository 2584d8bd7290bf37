"""Paging by key: every page costs the same, however deep, and nothing is skipped when rows arrive.

The key is the primary key: it grows as rows are added, and unlike a moment it means the same to Python
and to every database (SQLite keeps the moments it writes itself with fewer digits than those we ask with).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

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

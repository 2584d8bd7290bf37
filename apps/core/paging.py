"""Paging by key: every page costs the same, however deep, and nothing is skipped when rows arrive."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, newest first, and the cursor of what comes after them ("" at the end)."""

    items: Sequence[T]
    next_cursor: str


def newest_first(rows: QuerySet[Any], cursor: str, *, size: int) -> Page[Any]:
    """Return one page of `rows` by (created_at, pk), after `cursor`; an unreadable cursor is the start."""
    after = _read(cursor)
    if after:
        moment, pk = after
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk))
    found = list(rows.order_by("-created_at", "-pk")[: size + 1])
    items = found[:size]
    return Page(items, _write(items[-1]) if len(found) > size else "")


def _write(row: Any) -> str:
    return urlsafe_b64encode(f"{row.created_at.isoformat()}|{row.pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int] | None:
    try:
        moment, _, pk = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        when = datetime.fromisoformat(moment)
        return (when, int(pk)) if when.tzinfo and -(2**63) <= int(pk) < 2**63 else None
    except ValueError:
        return None

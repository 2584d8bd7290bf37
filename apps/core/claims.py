"""Rows as work that is due: each is given to one caller only, and to another if that one dies."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)


def claimed(rows: QuerySet[M], clock: str, *, lasts: timedelta, limit: int) -> Iterator[M]:
    """Yield each of these rows whose moment in the column `clock` has come, the longest due first.

    A claim moves that moment on: two rounds cannot send two workers, and a worker who dies is followed by
    another when the claim runs out. The row itself is the lock, on every database.
    """
    now = timezone.now()
    for row in rows.filter(**{f"{clock}__lte": now}).order_by(clock)[:limit]:
        mine = rows.filter(pk=row.pk, **{clock: getattr(row, clock)})
        if mine.update(**{clock: now + lasts}):
            yield row

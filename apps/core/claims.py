"""Claim rows that are due: one caller gets each row, and another if that caller dies."""

from datetime import timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)


def claim_due(rows: QuerySet[M], clock: str, *, lasts: timedelta, limit: int) -> list[M]:
    """Return the rows whose time in the column `clock` has passed, the longest due first.

    A claim moves that time on by `lasts`, so no other caller gets the row meanwhile. If the worker
    dies, the claim runs out and another worker gets it. All rows are claimed by one update, even
    with competing callers: PostgreSQL skips rows that another has locked, and SQLite lets one
    transaction write at a time.
    """
    now = timezone.now()
    due = rows.filter(**{f"{clock}__lte": now}).order_by(clock)
    seen = list(due.values_list("pk", flat=True)[:limit])
    if not seen:  # nearly always, several times a second: not worth a lock
        return []
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        locked = due.filter(pk__in=seen).select_for_update(
            of=("self",), skip_locked=skip, no_key=True
        )
        mine = list(locked)
        due.order_by().filter(pk__in=[row.pk for row in mine]).update(**{clock: now + lasts})
    return mine

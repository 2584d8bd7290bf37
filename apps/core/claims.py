"""Rows as work that is due: each is given to one caller only, and to another if that one dies."""

from datetime import timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)


def claim_due(rows: QuerySet[M], clock: str, *, lasts: timedelta, limit: int) -> list[M]:
    """Return these rows whose moment in the column `clock` has come, the longest due first.

    A claim moves that moment on: two rounds cannot send two workers, and a worker who dies is
    followed by another when the claim runs out. All of them are claimed by one update, whoever else
    claims at the same time: PostgreSQL leaves out what another has locked, SQLite lets one
    transaction write at a time.
    """
    now = timezone.now()
    due = rows.filter(**{f"{clock}__lte": now}).order_by(clock)
    seen = list(due.values_list("pk", flat=True)[:limit])
    if not seen:  # nearly always, five times a second: not worth a lock
        return []
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        locked = due.filter(pk__in=seen).select_for_update(
            of=("self",), skip_locked=skip, no_key=True
        )
        mine = list(locked)
        due.order_by().filter(pk__in=[row.pk for row in mine]).update(**{clock: now + lasts})
    return mine

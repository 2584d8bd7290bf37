"""New notices in the live stream: it says that there are some, and the page asks how many."""

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Max

from apps.activity.models import Notice
from apps.core.database import close_stale_connections
from apps.teams.scoping import everywhere

MESSAGE = {"notices": True}


class NoticeListeners:
    """The queues of connected people, each with its team and its user."""

    def __init__(self) -> None:
        self._owners: dict[asyncio.Queue[Any], tuple[int, int]] = {}
        self._newest: int | None = None

    def join(self, queue: asyncio.Queue[Any], team_id: int, user_id: int) -> None:
        """Send to this queue when the user gets notices in this team."""
        if not self._owners:
            # Pages themselves count the notices from the time without a connection.
            self._newest = None
        self._owners[queue] = (team_id, user_id)

    def leave(self, queue: asyncio.Queue[Any]) -> None:
        """Send nothing to this queue any more."""
        self._owners.pop(queue, None)

    async def send_new(self) -> None:
        """Look once for new notices, and tell their owners."""
        self._newest, owners_of_new = await sync_to_async(_owners_since)(self._newest)
        for queue, owner in list(self._owners.items()):
            if owner in owners_of_new:
                queue.put_nowait(MESSAGE)


def _owners_since(newest: int | None) -> tuple[int, set[tuple[int, int]]]:
    """Return the newest notice, and the owners of those after `newest`.

    One worker at a time writes all notices, so they commit in the order of their numbers.
    """
    try:
        with everywhere():
            if newest is None:
                return Notice.objects.aggregate(newest=Max("pk"))["newest"] or 0, set()
            new = Notice.objects.filter(pk__gt=newest, in_app=True)
            rows = list(new.values_list("pk", "team_id", "user_id"))
            owners = {(team, user) for _pk, team, user in rows}
            return max((pk for pk, *_ in rows), default=newest), owners
    finally:
        close_stale_connections()

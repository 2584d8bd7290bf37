"""Whom the live stream tells that there are new notices of theirs; how many, their own page asks."""

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Max

from apps.activity.models import Notice
from apps.core.database import close_stale_connections
from apps.teams.scoping import everywhere

NOTICES = {"notices": True}  # what goes out


class Ears:
    """The queues of those who listen, each with its team and its person."""

    def __init__(self) -> None:
        self._whose: dict[asyncio.Queue[Any], tuple[int, int]] = {}
        self._newest: int | None = None

    def join(self, queue: asyncio.Queue[Any], team_id: int, user_id: int) -> None:
        """Tell this queue of the person's notices in this team from now on."""
        if not self._whose:
            self._newest = None  # what came while nobody listened, the pages have counted
        self._whose[queue] = (team_id, user_id)

    def leave(self, queue: asyncio.Queue[Any]) -> None:
        """Tell it no more."""
        self._whose.pop(queue, None)

    async def look(self) -> None:
        """Look once for new notices, and tell whom they are for."""
        self._newest, told = await sync_to_async(_since)(self._newest)
        for queue, whose in list(self._whose.items()):
            if whose in told:
                queue.put_nowait(NOTICES)


def _since(newest: int | None) -> tuple[int, set[tuple[int, int]]]:
    """Return the newest notice, and whose there are since `newest`: one round writes them all, so in order."""
    try:
        with everywhere():
            if newest is None:
                return Notice.objects.aggregate(newest=Max("pk"))["newest"] or 0, set()
            rows = Notice.objects.filter(pk__gt=newest, in_app=True).values_list(
                "pk", "team_id", "user_id"
            )
            found = list(rows)
            return max((pk for pk, *_ in found), default=newest), {
                (team, user) for _pk, team, user in found
            }
    finally:
        close_stale_connections()

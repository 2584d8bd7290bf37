"""The live stream: one tail of the event table per process, shared by everybody who watches.

Measured before the first line (performance notes, "Watching"): one tail of 0.3 s serves thousands of
streams, where polling by each browser saturates a core.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import sync_to_async
from django.db import Error
from django.db.models import Max

from apps.activity.models import Event, Notice
from apps.core.database import hand_back
from apps.teams.scoping import everywhere

log = structlog.get_logger(__name__)

TICK = 0.3  # seconds between two looks at the table
KEEPALIVE = 15.0  # seconds of silence after which a comment keeps proxies from hanging up
# Rows may commit in another order than their numbers: look this far back, and skip what was told.
OVERLAP = 200


Message = dict[str, Any]


class Tail:
    """Tells every listener of a team which jobs changed, and of notices of their own, once per tick."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._people: dict[asyncio.Queue[Message], int] = {}
        self._told: deque[int] = deque(maxlen=4 * OVERLAP)
        self._noticed: int | None = None
        self._task: asyncio.Task[None] | None = None

    async def listen(self, team_id: int, user_id: int) -> AsyncIterator[str]:
        """Yield server-sent events for one person in one team until the browser goes away."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        self._people[queue] = user_id
        self._listeners[team_id].add(queue)
        self._start()
        try:
            yield "retry: 2000\n\n"
            while True:
                yield await _message(queue)
        finally:
            self._leave(team_id, queue)

    def _leave(self, team_id: int, queue: asyncio.Queue[Message]) -> None:
        del self._people[queue]
        self._listeners[team_id].discard(queue)
        if not self._listeners[team_id]:
            del self._listeners[team_id]

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self._told.clear()
        self._noticed = None
        while self._listeners:
            try:
                await self._look()
                await self._look_for_notices()
            except Error:  # the database may be restarting; whoever listens must not be left in silence
                log.exception("tail_stumbled")
            await asyncio.sleep(TICK)

    async def _look(self) -> None:
        if not self._told:
            self._told.extend(await sync_to_async(_latest)())
            return
        self._tell(await sync_to_async(_since)(max(self._told), frozenset(self._told)))

    def _tell(self, rows: list[tuple[int, int, str]]) -> None:
        changed: dict[int, dict[str, None]] = defaultdict(dict)
        for number, team_id, job_id in rows:
            self._told.append(number)
            changed[team_id][job_id] = None
        for team_id, jobs in changed.items():
            for queue in self._listeners.get(team_id, ()):
                queue.put_nowait({"jobs": list(jobs)})

    async def _look_for_notices(self) -> None:
        """Tell people that there are new notices of theirs; how many, their own page asks."""
        newest, whose = await sync_to_async(_noticed_since)(self._noticed)
        for team_id, user_id in whose:
            for queue in self._listeners.get(team_id, ()):
                if self._people.get(queue) == user_id:
                    queue.put_nowait({"notices": True})
        self._noticed = newest


async def _message(queue: asyncio.Queue[Message]) -> str:
    try:
        message = await asyncio.wait_for(queue.get(), KEEPALIVE)
    except TimeoutError:
        return ": still here\n\n"
    return f"data: {json.dumps(message)}\n\n"


@contextmanager
def _reading() -> Iterator[None]:
    """Look at every team's events, and hand a broken or aged connection back."""
    try:
        with everywhere():
            yield
    finally:
        hand_back()


def _latest() -> list[int]:
    with _reading():
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        recent = Event.objects.filter(pk__gt=newest - OVERLAP).order_by("pk")
        return list(recent.values_list("pk", flat=True)) or [newest]


def _since(newest: int, told: frozenset[int]) -> list[tuple[int, int, str]]:
    with _reading():
        rows = Event.objects.filter(pk__gt=newest - OVERLAP, subject_kind="job").order_by("pk")
        return [
            (pk, team_id, str(subject))
            for pk, team_id, subject in rows.values_list("pk", "team_id", "subject_id")
            if pk not in told
        ]


def _noticed_since(newest: int | None) -> tuple[int, set[tuple[int, int]]]:
    """Return the newest notice, and whose there are since `newest`: one round writes them all, so in order."""
    with _reading():
        if newest is None:
            return Notice.objects.aggregate(newest=Max("pk"))["newest"] or 0, set()
        rows = list(Notice.objects.filter(pk__gt=newest, in_app=True).values_list("pk", "team_id", "user_id"))
        return max((pk for pk, *_ in rows), default=newest), {(team, user) for _pk, team, user in rows}


_tails: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tail]" = WeakKeyDictionary()


def tail() -> Tail:
    """Return the tail of the running event loop."""
    return _tails.setdefault(asyncio.get_running_loop(), Tail())

"""The live stream: one tail of the event table per process, shared by everybody who watches.

Measured before the first line (performance notes, "Watching"): one tail of 0.3 s serves thousands of
streams, where polling by each browser saturates a core.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import sync_to_async
from django.db import Error
from django.db.models import Max, Q

from apps.activity.models import Event
from apps.activity.noticing import NOTICES, Ears
from apps.core.database import hand_back
from apps.teams.scoping import everywhere

log = structlog.get_logger(__name__)

TICK = 0.3  # seconds between two looks at the table
KEEPALIVE = 15.0  # seconds of silence after which a comment keeps proxies from hanging up
# Rows may commit in another order than their numbers: look this far back, and skip what was told.
OVERLAP = 200
# After these somebody may not hear a team any more: all its streams end, and begin anew where they still may.
ENDINGS = ("removed", "left", "suspended")
HANG_UP = ""
Heard = asyncio.Queue[list[str]]


class Tail:
    """Tells every listener of a team which jobs changed, and of notices of their own, once per tick."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Heard]] = defaultdict(set)
        self._told: deque[int] = deque(maxlen=4 * OVERLAP)
        self._task: asyncio.Task[None] | None = None
        self._ears = Ears()

    async def listen(self, team_id: int, user_id: int) -> AsyncIterator[str]:
        """Yield server-sent events for one person in a team, until the browser goes away or they may hear no more.

        Whoever still may comes back at once, and is looked at again.
        """
        queue: Heard = asyncio.Queue()
        self._listeners[team_id].add(queue)
        self._ears.join(queue, team_id, user_id)
        self._start()
        try:
            yield "retry: 2000\n\n"
            while message := await _message(queue):
                yield message
        finally:
            self._ears.leave(queue)
            self._leave(team_id, queue)

    def _leave(self, team_id: int, queue: Heard) -> None:
        self._listeners[team_id].discard(queue)
        if not self._listeners[team_id]:
            del self._listeners[team_id]

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self._told.clear()
        while self._listeners:
            try:
                await self._look()
                await self._ears.look()
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
                queue.put_nowait(list(jobs))


async def _message(queue: Heard) -> str:
    try:
        jobs = await asyncio.wait_for(queue.get(), KEEPALIVE)
    except TimeoutError:
        return ": still here\n\n"
    if HANG_UP in jobs:
        return ""
    if NOTICES in jobs:
        return f"data: {json.dumps({'notices': True})}\n\n"
    return f"data: {json.dumps({'jobs': jobs})}\n\n"


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
        of_interest = Q(subject_kind="job") | Q(verb__in=ENDINGS)
        rows = Event.objects.filter(of_interest, pk__gt=newest - OVERLAP).order_by("pk")
        return [
            (pk, team_id, str(subject) if kind == "job" else HANG_UP)
            for pk, team_id, kind, subject in rows.values_list("pk", "team_id", "subject_kind", "subject_id")
            if pk not in told
        ]


_tails: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tail]" = WeakKeyDictionary()


def tail() -> Tail:
    """Return the tail of the running event loop."""
    return _tails.setdefault(asyncio.get_running_loop(), Tail())

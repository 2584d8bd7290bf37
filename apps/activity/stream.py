"""The live stream: one tail of the event table per process, shared by everybody who watches.

Measured before the first line (performance notes, "Watching"): one tail of 0.3 s serves thousands of
streams, where polling by each browser saturates a core.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error
from django.db.models import Max
from django.utils.module_loading import import_string

from apps.activity.models import Event
from apps.core.database import hand_back
from apps.teams.models import Member
from apps.teams.scoping import everywhere

log = structlog.get_logger(__name__)

TICK = 0.3  # seconds between two looks at the table
KEEPALIVE = 15.0  # seconds of silence after which a comment keeps proxies from hanging up
# Rows may commit in another order than their numbers: look this far back, and skip what was told.
OVERLAP = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A job that changed: the number of the event that says so, and whom it concerns."""

    event: int
    team: int
    project: int
    job: str


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Somebody who watches, and what is to be told them next."""

    member: int
    queue: asyncio.Queue[list[str]] = field(default_factory=asyncio.Queue)


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look, and who may hear of it: asked anew each time, for a stream lasts long."""

    changes: list[Change] = field(default_factory=list)
    members: set[int] = field(default_factory=set)  # who is in the teams concerned
    lists: dict[int, frozenset[int]] = field(default_factory=dict)  # who sees each private project

    def for_member(self, member: int, team: int) -> list[str]:
        """Return which of the team's jobs have changed that this member sees, each once."""
        if member not in self.members:
            return []
        mine = (one for one in self.changes if one.team == team)
        return list({one.job: None for one in mine if member in self.lists.get(one.project, {member})})


class Tail:
    """Tells every listener of a team which jobs changed, once per tick."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._told: deque[int] = deque(maxlen=4 * OVERLAP)
        self._task: asyncio.Task[None] | None = None

    async def listen(self, member: Member) -> AsyncIterator[str]:
        """Yield server-sent events for one member until the browser goes away."""
        listener = Listener(member.pk)
        self._listeners[member.team_id].add(listener)
        self._start()
        try:
            yield "retry: 2000\n\n"
            while True:
                yield await _message(listener.queue)
        finally:
            self._leave(member.team_id, listener)

    def _leave(self, team_id: int, listener: Listener) -> None:
        self._listeners[team_id].discard(listener)
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
            except Error:  # the database may be restarting; whoever listens must not be left in silence
                log.exception("tail_stumbled")
            await asyncio.sleep(TICK)

    async def _look(self) -> None:
        if not self._told:
            self._told.extend(await sync_to_async(_latest)())
            return
        self._tell(await sync_to_async(_since)(max(self._told), frozenset(self._told)))

    def _tell(self, news: News) -> None:
        self._told.extend(change.event for change in news.changes)
        for team in {change.team for change in news.changes}:
            for listener in self._listeners.get(team, ()):
                if jobs := news.for_member(listener.member, team):
                    listener.queue.put_nowait(jobs)


async def _message(queue: asyncio.Queue[list[str]]) -> str:
    try:
        jobs = await asyncio.wait_for(queue.get(), KEEPALIVE)
    except TimeoutError:
        return ": still here\n\n"
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


def _since(newest: int, told: frozenset[int]) -> News:
    with _reading():
        rows = Event.objects.filter(pk__gt=newest - OVERLAP, subject_kind="job")
        found = rows.order_by("pk").values_list("pk", "team_id", "project_id", "subject_id")
        changes = [
            Change(pk, team, project, str(job))
            for pk, team, project, job in found
            if project is not None and pk not in told
        ]
        if not changes:
            return News()
        who_may_hear = import_string(settings.WHO_MAY_HEAR)
        return News(changes, *who_may_hear({one.team for one in changes}, {one.project for one in changes}))


_tails: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tail]" = WeakKeyDictionary()


def tail() -> Tail:
    """Return the tail of the running event loop."""
    return _tails.setdefault(asyncio.get_running_loop(), Tail())

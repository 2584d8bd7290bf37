"""The live stream: one tail of the event table per process, shared by everybody who watches.

Measured before the first line (performance notes, "Watching"): one tail of 0.3 s serves thousands
of streams, where polling by each browser saturates a core.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import sync_to_async
from django.db import Error

from apps.activity.news import OVERLAP, News, latest, since
from apps.activity.noticing import Ears
from apps.teams.models import Member

log = structlog.get_logger(__name__)

TICK = 0.3  # seconds between two looks at the table
KEEPALIVE = 15.0  # seconds of silence after which a comment keeps proxies from hanging up
HANG_UP = None
Message = dict[str, Any] | None  # what goes out as one event; HANG_UP ends the stream


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """Somebody who watches, and what is to be told them next."""

    member: int
    queue: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)


class Tail:
    """Tells every listener of a team which jobs changed, and of notices of their own, once per tick."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._told: deque[int] = deque(maxlen=4 * OVERLAP)
        self._ears = Ears()
        self._task: asyncio.Task[None] | None = None

    async def listen(self, member: Member) -> AsyncIterator[str]:
        """Yield server-sent events for one member, until the browser goes away or somebody may hear no more.

        Whoever still may comes back at once, and is looked at again.
        """
        listener = Listener(member.pk)
        self._listeners[member.team_id].add(listener)
        self._ears.join(listener.queue, member.team_id, member.user_id)
        self._start()
        try:
            yield "retry: 2000\n\n"
            while words := await _next_words(listener.queue):
                yield words
        finally:
            self._ears.leave(listener.queue)
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
                await self._ears.look()
            except (
                Error
            ):  # the database may be restarting; whoever listens must not be left in silence
                log.exception("tail_stumbled")
            await asyncio.sleep(TICK)

    async def _look(self) -> None:
        if not self._told:
            self._told.extend(await sync_to_async(latest)())
            return
        self._tell(await sync_to_async(since)(max(self._told), frozenset(self._told)))

    def _tell(self, news: News) -> None:
        self._told.extend(news.events)
        for team in news.teams:
            for listener in self._listeners.get(team, ()):
                if jobs := news.for_member(listener.member, team):
                    listener.queue.put_nowait({"jobs": jobs})
        for team in news.ended:
            for listener in self._listeners.get(team, ()):
                listener.queue.put_nowait(HANG_UP)


async def _next_words(queue: asyncio.Queue[Message]) -> str:
    """Return what goes out next; "" ends the stream."""
    try:
        message = await asyncio.wait_for(queue.get(), KEEPALIVE)
    except TimeoutError:
        return ": still here\n\n"
    return "" if message is HANG_UP else f"data: {json.dumps(message)}\n\n"


_tails: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tail]" = WeakKeyDictionary()


def tail() -> Tail:
    """Return the tail of the running event loop."""
    return _tails.setdefault(asyncio.get_running_loop(), Tail())

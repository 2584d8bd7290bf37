"""The live stream: one reader of the event table per process, shared by everybody connected.

One reader every 0.3 s serves thousands of streams, where polling by each browser saturates a core.
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

from apps.activity.notice_stream import NoticeListeners
from apps.activity.stream_changes import OVERLAP_EVENTS, Changes, changes_since, latest_events
from apps.teams.models import Member

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.3  # between two reads of the table
KEEPALIVE_SECONDS = 15.0  # of silence, after which a comment keeps proxies from hanging up
HANG_UP = None
Message = dict[str, Any] | None  # the data of one server-sent event; HANG_UP ends the stream


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """One connected member, and the messages that wait for them."""

    member: int
    queue: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)


class Tail:
    """Reads new events once per tick, and sends each listener what they may hear."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._sent: deque[int] = deque(maxlen=4 * OVERLAP_EVENTS)
        self._notices = NoticeListeners()
        self._task: asyncio.Task[None] | None = None

    async def listen(self, member: Member) -> AsyncIterator[str]:
        """Yield server-sent events for one member until they disconnect or lose access.

        A browser that may still hear reconnects at once, and is checked again.
        """
        listener = Listener(member.pk)
        self._listeners[member.team_id].add(listener)
        self._notices.join(listener.queue, member.team_id, member.user_id)
        self._start()
        try:
            yield "retry: 2000\n\n"
            while text := await _next_text(listener.queue):
                yield text
        finally:
            self._notices.leave(listener.queue)
            self._leave(member.team_id, listener)

    def _leave(self, team_id: int, listener: Listener) -> None:
        self._listeners[team_id].discard(listener)
        if not self._listeners[team_id]:
            del self._listeners[team_id]

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self._sent.clear()
        while self._listeners:
            try:
                await self._send_changes()
                await self._notices.send_new()
            except Error:  # the database may be restarting: go on, so that no listener is lost
                log.exception("stream_read_failed")
            await asyncio.sleep(TICK_SECONDS)

    async def _send_changes(self) -> None:
        if not self._sent:
            self._sent.extend(await sync_to_async(latest_events)())
            return
        self._send(await sync_to_async(changes_since)(max(self._sent), frozenset(self._sent)))

    def _send(self, changes: Changes) -> None:
        self._sent.extend(changes.events)
        for team in changes.teams:
            for listener in self._listeners.get(team, ()):
                if message := changes.for_member(listener.member, team):
                    listener.queue.put_nowait(message)
        for team in changes.ended:
            for listener in self._listeners.get(team, ()):
                listener.queue.put_nowait(HANG_UP)


async def _next_text(queue: asyncio.Queue[Message]) -> str:
    """Return the text to send next; "" ends the stream."""
    try:
        message = await asyncio.wait_for(queue.get(), KEEPALIVE_SECONDS)
    except TimeoutError:
        return ": still here\n\n"
    return "" if message is HANG_UP else f"data: {json.dumps(message)}\n\n"


_tails: "WeakKeyDictionary[asyncio.AbstractEventLoop, Tail]" = WeakKeyDictionary()


def tail() -> Tail:
    """Return the tail of the running event loop."""
    return _tails.setdefault(asyncio.get_running_loop(), Tail())

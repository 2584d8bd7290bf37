"""Receives webhooks in front of Django, and handles those of one moment as a batch.

A vendor that finishes a hundred jobs sends a hundred webhooks within a second. Each of them alone
through the middleware (sessions, forms, languages) costs several milliseconds; `bench.jobs` prints
what this saves.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from asgiref.sync import sync_to_async

from apps.core.database import close_stale_connections
from apps.jobs.models.submissions import reference_in
from apps.jobs.services import WebhookRequest, receive_webhooks

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

log = structlog.get_logger(__name__)

PLACE = re.compile(r"/jobs/hooks/(?P<kind>[-a-z0-9_]{1,20})/(?P<word>[-:A-Za-z0-9_]{1,100})/")
MOMENT = 0.05  # seconds
# Under sustained traffic, batch every 200 ms: fewer list pages, still within the 0.5 s goal.
GATHER = 0.2  # seconds from one batch to the next
MOST = 200  # calls taken together
LARGEST = 250_000  # bytes; a finished job's own words are a hundredth of it
BODY_SECONDS = 10.0
# So many may wait to be heard, and so many bytes of theirs are held meanwhile; who is sent away,
# calls again.
MOST_WAITING, MOST_HELD = 1000, 16_000_000


class _HungUpError(Exception):
    """Whoever called broke off in the middle."""


class _SentAwayError(Exception):
    """Whoever called is answered with this status, and the rest of the body stays unread."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebhookBatcher:
    """Answers POSTs to the address of calls, and hands everything else on."""

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self._inner = inner
        self._waiting: list[tuple[WebhookRequest, asyncio.Future[int]]] = []
        self._taking: asyncio.Task[None] | None = None
        self._taken_at = 0.0
        self._held = 0  # bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        place = PLACE.fullmatch(scope.get("path", "")) if scope["type"] == "http" else None
        if place is None or scope["method"] != "POST":
            await self._inner(scope, receive, send)
            return
        # no stranger's body is to be read, and held, in place of a vendor's
        if not reference_in(place["word"]):
            await _answer(send, 404, last=True)
            return
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await self._read(receive, body)
            headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
            }
            status = await self._wait_for_status(
                WebhookRequest(place["kind"], place["word"], headers, bytes(body))
            )
        except _HungUpError:
            return
        except TimeoutError:
            await _answer(send, 408, last=True)
        except _SentAwayError as fault:
            await _answer(send, fault.status, last=True)
        else:
            await _answer(send, status)
        finally:
            self._held -= len(body)

    async def _read(self, receive: Receive, body: bytearray) -> None:
        """Read a whole body, unless it breaks off, is larger than any honest call, or too much is held already."""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _HungUpError
            piece = message.get("body", b"")
            body += piece
            self._held += len(piece)
            if len(body) > LARGEST:
                raise _SentAwayError(413)
            if self._held > MOST_HELD:
                raise _SentAwayError(503)
            if not message.get("more_body"):
                return

    async def _wait_for_status(self, call: WebhookRequest) -> int:
        """Wait until the batch with this webhook is handled; return its HTTP status."""
        if len(self._waiting) >= MOST_WAITING:
            return 503
        heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, heard))
        if self._taking is None or self._taking.done():
            self._taking = asyncio.create_task(self._take())
        return await heard

    async def _take(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            crowded = len(self._waiting) >= MOST
            await asyncio.sleep(
                MOMENT if crowded else max(MOMENT, self._taken_at + GATHER - clock())
            )
            self._taken_at = clock()
            together, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                statuses = await sync_to_async(_hear)([call for call, _heard in together])
            except Exception:  # the database is away: the vendor calls again, and we look anyway
                log.exception("calls_not_heard", count=len(together))
                statuses = [503] * len(together)
            for (_call, heard), status in zip(together, statuses, strict=True):
                if not heard.done():  # whoever rang may have hung up
                    heard.set_result(status)


def _hear(calls: list[WebhookRequest]) -> list[int]:
    try:
        return receive_webhooks(calls)
    finally:
        close_stale_connections()


async def _answer(send: Send, status: int, *, last: bool = False) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        (b"content-length", b"0"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 204:
        headers = headers[2:]
    if last:  # the rest of the body is nothing we want to read
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})

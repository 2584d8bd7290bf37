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

PATH = re.compile(r"/jobs/hooks/(?P<kind>[-a-z0-9_]{1,20})/(?P<word>[-:A-Za-z0-9_]{1,100})/")
# After the first webhook of a batch, others are waited for this long.
GATHER_SECONDS = 0.05
# Under sustained traffic, batch every 200 ms: fewer list pages, still within the 0.5 s goal.
BATCH_INTERVAL_SECONDS = 0.2
MOST_PER_BATCH = 200
LARGEST_BODY_BYTES = 250_000  # a hundred times the report of a finished job
BODY_SECONDS = 10.0
# Webhooks that may wait, and the memory their bodies may take. Beyond that they are refused, and
# the vendor sends them again.
MOST_WAITING = 1000
MOST_HELD_BYTES = 16_000_000


class _DisconnectedError(Exception):
    """The vendor broke the connection off within the body."""


class _RefusedError(Exception):
    """The webhook is refused with this status, and the rest of its body stays unread."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebhookBatcher:
    """Answers POSTs to the webhook addresses, and passes every other request on."""

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self._inner = inner
        self._waiting: list[tuple[WebhookRequest, asyncio.Future[int]]] = []
        self._worker: asyncio.Task[None] | None = None
        self._last_batch_at = 0.0
        self._held_bytes = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = PATH.fullmatch(scope.get("path", "")) if scope["type"] == "http" else None
        if path is None or scope["method"] != "POST":
            await self._inner(scope, receive, send)
            return
        # A stranger's body is not read: the memory is for those of vendors.
        if not reference_in(path["word"]):
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
                WebhookRequest(path["kind"], path["word"], headers, bytes(body))
            )
        except _DisconnectedError:
            return
        except TimeoutError:
            await _answer(send, 408, last=True)
        except _RefusedError as fault:
            await _answer(send, fault.status, last=True)
        else:
            await _answer(send, status)
        finally:
            self._held_bytes -= len(body)

    async def _read(self, receive: Receive, body: bytearray) -> None:
        """Read a whole body, unless it breaks off, is too large, or too much memory is in use."""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _DisconnectedError
            piece = message.get("body", b"")
            body += piece
            self._held_bytes += len(piece)
            if len(body) > LARGEST_BODY_BYTES:
                raise _RefusedError(413)
            if self._held_bytes > MOST_HELD_BYTES:
                raise _RefusedError(503)
            if not message.get("more_body"):
                return

    async def _wait_for_status(self, request: WebhookRequest) -> int:
        """Wait until the batch with this webhook is handled; return its HTTP status."""
        if len(self._waiting) >= MOST_WAITING:
            return 503
        status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, status))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._handle_batches())
        return await status

    async def _handle_batches(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            pause = GATHER_SECONDS
            if len(self._waiting) < MOST_PER_BATCH:
                pause = max(pause, self._last_batch_at + BATCH_INTERVAL_SECONDS - clock())
            await asyncio.sleep(pause)
            self._last_batch_at = clock()
            batch = self._waiting[:MOST_PER_BATCH]
            self._waiting = self._waiting[MOST_PER_BATCH:]
            try:
                statuses = await sync_to_async(_receive)([request for request, _future in batch])
            except Exception:  # the database is away: the vendor sends it again, and we poll anyway
                log.exception("webhooks_not_received", count=len(batch))
                statuses = [503] * len(batch)
            for (_request, future), status in zip(batch, statuses, strict=True):
                if not future.done():  # the connection may be broken off
                    future.set_result(status)


def _receive(requests: list[WebhookRequest]) -> list[int]:
    try:
        return receive_webhooks(requests)
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
    if last:  # the rest of the body is not read
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})

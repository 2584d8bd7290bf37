"""Limit the size of request bodies: uvicorn and Django spool them to disk before any view runs.

The sender of a large body is identified once, by a session or a token. Everybody else gets 413, and
nobody sends more than a few large bodies at the same time.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from apps.core.disk_full import is_disk_full

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Django annotates these as dict where ASGI has a mapping.
App = Callable[[Any, Any, Any], Awaitable[None]]
# Returns a word that is the same for all requests of one person; "" for an anonymous sender.
Who = Callable[[Scope], Awaitable[str]]

ANONYMOUS_BYTES = 1024 * 1024  # enough for any form of somebody who has not signed in
LARGE_BODIES_AT_ONCE = 3  # of one person
RETRY_AFTER_SECONDS = 30
_TEXTS = {
    413: b"Too large. Sign in first, and send fewer or smaller files.",
    429: b"Several of your large uploads are still running. Wait for one to finish, then retry.",
    507: b"The server's disk is full. Ask your administrator to free some space, then retry.",
}


class LimitedBodies:
    """Wrap an ASGI application: 413 for bodies over the limit, 429 for too many large ones."""

    def __init__(self, app: App, *, who: Who, largest: int) -> None:
        self.app = app
        self.who = who
        self.largest = largest
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request by its declared length, or pass it on with a limited body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(self, scope, receive)
        length = dict(scope["headers"]).get(b"content-length", b"")
        try:
            if refusal := await body.check_length(length):
                await _refuse(send, refusal)
            else:
                await self._pass_on(scope, body.receive, send)
        finally:
            body.close()

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer 507 if its body fills the disk before the response starts."""
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except OSError as error:
            if has_started or not is_disk_full(error):
                raise
            await _refuse(send, 507)

    def start_large_body(self, who: str) -> bool:
        """Count a large body of this person; return False if too many are running."""
        if self._running[who] >= LARGE_BODIES_AT_ONCE:
            return False
        self._running[who] += 1
        return True

    def end_large_body(self, who: str) -> None:
        """Stop counting one large body of this person."""
        self._running[who] -= 1
        self._running += Counter()  # drops counts of zero


class _Body:
    """One request's body: small from an anonymous sender, up to the limit from a known one."""

    def __init__(self, bodies: LimitedBodies, scope: Scope, receive: Receive) -> None:
        self._bodies = bodies
        self._scope = scope
        self._receive = receive
        self._who = ""
        self._bytes = 0
        self._limit = ANONYMOUS_BYTES

    async def check_length(self, length: bytes) -> int:
        """Return the status that refuses a body of this declared length, or 0."""
        declared = int(length[:20]) if length.isdigit() else 0
        if declared > self._bodies.largest:
            return 413
        return 0 if declared <= ANONYMOUS_BYTES else await self._raise_limit()

    async def _raise_limit(self) -> int:
        """Identify the sender and raise the limit; return the status that refuses it, or 0."""
        who = await self._bodies.who(self._scope)
        if not who:
            return 413
        if not self._bodies.start_large_body(who):
            return 429
        self._who = who
        self._limit = self._bodies.largest
        return 0

    async def receive(self) -> Message:
        """Receive a part; disconnect when the body grows over the limit without declaring it."""
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._limit and not self._who and await self._raise_limit():
            return {"type": "http.disconnect"}
        return message if self._bytes <= self._limit else {"type": "http.disconnect"}

    def close(self) -> None:
        """Stop counting this body."""
        if self._who:
            self._bodies.end_large_body(self._who)


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 429:
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _TEXTS[status]})

"""A bound on what anybody can make this machine write to its disk: bodies are spooled before Django looks at them.

Whoever sends more than a form is asked who they are, once, and only then: a session or a token that
belongs to somebody. Everybody else gets 413, and nobody sends more than a few large bodies at a
time.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from apps.core.disk_full import is_disk_full

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Django's own types say dict where ASGI says mapping.
App = Callable[[Any, Any, Any], Awaitable[None]]
# Says who sends a request, in a word that is the same for all of their requests; "" for strangers.
Who = Callable[[Scope], Awaitable[str]]

STRANGERS = 1024 * 1024  # bytes: enough for any form of somebody who has not signed in
AT_ONCE = 3  # large bodies of one person


class BoundedBodies:
    """Wrap an ASGI application: 413 for bodies over the limit, 429 for too many large ones at once."""

    def __init__(self, app: App, *, who: Who, largest: int) -> None:
        self.app = app
        self.who = who
        self.largest = largest
        self._sending: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on with a body that ends at the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(self, scope, receive)
        try:
            refusal = await body.announced(dict(scope["headers"]).get(b"content-length", b""))
            if refusal:
                await _refuse(send, refusal)
            else:
                await self._handed_on(scope, body.receive, send)
        finally:
            body.over()

    async def _handed_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; where its body finds no room on the disk, nobody behind us has heard of it yet."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except OSError as fault:
            if has_begun or not is_disk_full(fault):
                raise
            await _refuse(send, 507)

    def take_place(self, who: str) -> bool:
        """Let somebody begin a large body, unless they are at too many already."""
        if self._sending[who] >= AT_ONCE:
            return False
        self._sending[who] += 1
        return True

    def leave_place(self, who: str) -> None:
        """Let them begin another."""
        self._sending[who] -= 1
        self._sending += Counter()  # what is at nothing is forgotten


class _Body:
    """One request's body: small for a stranger, up to the limit for somebody we know."""

    def __init__(self, bounds: BoundedBodies, scope: Scope, receive: Receive) -> None:
        self._bounds = bounds
        self._scope = scope
        self._receive = receive
        self._who = ""
        self._came = 0
        self._limit = STRANGERS

    async def announced(self, length: bytes) -> int:
        """Return the status that refuses what is going to come, or 0."""
        promised = int(length[:20]) if length.isdigit() else 0
        if promised > self._bounds.largest:
            return 413
        return 0 if promised <= STRANGERS else await self._grow()

    async def _grow(self) -> int:
        """Ask who sends this, and take the larger limit for them; return the status that refuses it, or 0."""
        who = await self._bounds.who(self._scope)
        if not who:
            return 413
        if not self._bounds.take_place(who):
            return 429
        self._who, self._limit = who, self._bounds.largest
        return 0

    async def receive(self) -> Message:
        """Hand the body on; hang up on one that grows over the limit without having said so."""
        message = await self._receive()
        self._came += len(message.get("body", b""))
        if self._came > self._limit and not self._who and await self._grow():
            return {"type": "http.disconnect"}
        return message if self._came <= self._limit else {"type": "http.disconnect"}

    def over(self) -> None:
        """Give the place back."""
        if self._who:
            self._bounds.leave_place(self._who)


_WORDS = {
    413: b"Too much at once. Sign in first, and send fewer or smaller files.",
    507: b"There is no room left on the disk here. Ask whoever runs this installation, then send this again.",
    429: b"You are sending several large uploads already. Wait until one of them has arrived, then send this again.",
}


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 429:
        headers.append((b"retry-after", b"30"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _WORDS[status]})

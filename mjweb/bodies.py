"""A bound on what anybody can make this machine write to its disk: bodies are spooled before Django looks at them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
# Django's own types say dict where ASGI says mapping.
App = Callable[[Any, Any, Any], Awaitable[None]]

STRANGERS = 1024 * 1024  # bytes: enough for any form of somebody who has not signed in


class BoundedBodies:
    """Wrap an ASGI application: 413 for bodies over the limit, a smaller one for who carries no session."""

    def __init__(self, app: App, *, session_cookie: str, largest: int) -> None:
        self.app = app
        self.cookie = f"{session_cookie}=".encode()
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on with a body that ends at the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit = self.largest if self.cookie in headers.get(b"cookie", b"") else STRANGERS
        promised = headers.get(b"content-length", b"0")
        if promised.isdigit() and int(promised) > limit:
            await _refuse(send)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    """Hang up on a body that grows over the limit without having said so."""
    left = limit

    async def counted() -> MutableMapping[str, Any]:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return counted


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"Too much at once. Send fewer or smaller files."})

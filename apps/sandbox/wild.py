"""Answers that no honest server gives: cut, halved, dripping, lying, endless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from apps.sandbox.calling import Called

PAGE = "<!doctype html><title>Gateway</title><h1>One moment, please</h1>"
PIECE = 64 * 1024
TWO_GB = 2 * 1024**3
STEPS = 10
# A refusal in a contract's own words: HTTP status and message -> answer.
Refusal = Callable[[int, str], JSONResponse]


class OpenHanded(H11Protocol):
    """Uvicorn's HTTP, which lets an answer lay hands on its connection: ASGI has no word for cutting it."""

    def connection_made(self, transport: Any) -> None:
        """Put the connection where an answer finds it."""
        super().connection_made(transport)
        self.app_state = self.app_state | {"transport": transport}


class Cut(Response):
    """No answer at all: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hang up."""
        del send
        await _hang_up(scope, receive, abort=True)


class Half(Response):
    """The head and half of the body of another answer, then the end: polite, or by a reset."""

    def __init__(self, whole: Response, *, abort: bool = False) -> None:
        self._whole, self._abort = whole, abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half, and hang up."""
        body = bytes(self._whole.body)
        await send(_head(self._whole))
        await send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )
        if self._abort:
            await asyncio.sleep(0.05)  # what was written would be thrown away with the connection
        await _hang_up(scope, receive, abort=self._abort)


class Drip(Response):
    """Another answer, piece by piece."""

    def __init__(self, whole: Response, *, seconds: float) -> None:
        self._whole, self._seconds = whole, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send slowly."""
        del scope, receive
        body = bytes(self._whole.body)
        size = max(1, -(-len(body) // STEPS))
        await send(_head(self._whole))
        for start in range(0, len(body), size):
            await send(
                {
                    "type": "http.response.body",
                    "body": body[start : start + size],
                    "more_body": True,
                }
            )
            await asyncio.sleep(self._seconds / STEPS)
        await send({"type": "http.response.body", "body": b""})


class Overlong(Response):
    """All of a body behind a head that promises half of it."""

    def __init__(self, whole: Response) -> None:
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write past ASGI, which would not let us lie."""
        del send
        body = bytes(self._whole.body)
        kind = self._whole.headers["content-type"]
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body) // 2}\r\n\r\n"
        )
        scope["state"]["transport"].write(head.encode() + body)
        await _hang_up(scope, receive, abort=False)


class Endless(Response):
    """A clip that goes on and on; with a promise of 2 GB, or with none."""

    def __init__(self, start: bytes, *, promised: bool) -> None:
        self._start = start
        self.raw_headers = [(b"content-type", b"video/mp4")]
        if promised:
            self.raw_headers.append((b"content-length", str(TWO_GB).encode()))
        self._limit = TWO_GB if promised else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send for as long as somebody listens."""
        del receive
        transport, left = scope["state"]["transport"], self._limit
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for piece in self._pieces():
            if transport.is_closing():
                return
            part = piece if left is None else piece[:left]
            left = left if left is None else left - len(part)
            await send({"type": "http.response.body", "body": part, "more_body": left != 0})
            if left == 0:
                return

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield self._start
        nothing = bytes(PIECE)
        while True:
            await asyncio.sleep(0)  # others want to be served as well
            yield nothing


def twisted(called: Called, honest: Response, refusal: Refusal) -> Response:
    """Return the answer that a fault makes of an honest one; `refusal` words errors as the contract does."""
    act = called.fault.act
    if act in BENT:
        return BENT[act](called, honest)
    if act == "server_error":
        return refusal(called.status(500), "internal error")
    if act == "missing":
        return refusal(404, "prediction not found")
    answer = refusal(429, "rate limit exceeded")
    if wait := called.word("retry_after"):
        answer.headers["Retry-After"] = wait
    return answer


def _malformed(_called: Called, honest: Response) -> Response:
    body = bytes(honest.body)
    return Response(body[: len(body) // 2], media_type="application/json")


def _page(called: Called, _honest: Response) -> Response:
    return HTMLResponse(PAGE, status_code=called.status(200))


def _led_away(called: Called, _honest: Response) -> Response:
    return Response(status_code=307, headers={"Location": called.word("location")})


BENT: dict[str, Callable[[Called, Response], Response]] = {
    "cut": lambda _called, _honest: Cut(),
    "half": lambda _called, honest: Half(honest),
    "drip": lambda called, honest: Drip(honest, seconds=called.number("seconds")),
    "malformed": _malformed,
    "html": _page,
    "empty": lambda _called, _honest: Response(b""),
    "redirect": _led_away,
    "redirect_private": _led_away,
}


def _head(whole: Response) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": whole.status_code,
        "headers": whole.raw_headers,
    }


async def _hang_up(scope: Scope, receive: Receive, *, abort: bool) -> None:
    """End the connection, and stay until the server has seen it: it would answer 500 in our place."""
    transport = scope["state"]["transport"]
    if abort:
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass

"""Responses that no correct server sends: reset, truncated, slow, of a wrong length, endless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from apps.sandbox.fault_injection import InjectedFault

HTML_PAGE = "<!doctype html><title>Gateway</title><h1>One moment, please</h1>"
PIECE_BYTES = 64 * 1024
HUGE_BYTES = 2 * 1024**3
SLOW_PIECES = 10
FLUSH_SECONDS = 0.05
# Words an error in a contract's own form: HTTP status and message -> response.
ErrorResponder = Callable[[int, str], JSONResponse]


class TransportProtocol(H11Protocol):
    """Uvicorn's HTTP protocol, which gives responses the transport.

    ASGI has no message for cutting a connection, so that the responses here need it.
    """

    def connection_made(self, transport: Any) -> None:
        """Put the transport into the state that every request scope carries."""
        super().connection_made(transport)
        self.app_state = self.app_state | {"transport": transport}


class ResetResponse(Response):
    """No response: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reset the connection."""
        del send
        await _close_connection(scope, receive, resets=True)


class TruncatedResponse(Response):
    """The head and half of the body of another response; then the connection is closed or reset."""

    def __init__(self, whole: Response, *, resets: bool = False) -> None:
        self._whole = whole
        self._resets = resets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half of the body and end the connection."""
        body = bytes(self._whole.body)
        half = body[: len(body) // 2]
        await send(_head(self._whole))
        await send({"type": "http.response.body", "body": half, "more_body": True})
        if self._resets:
            await asyncio.sleep(FLUSH_SECONDS)  # a reset throws away what was not sent yet
        await _close_connection(scope, receive, resets=self._resets)


class SlowResponse(Response):
    """Another response in pieces, with pauses between them."""

    def __init__(self, whole: Response, *, seconds: float) -> None:
        self._whole = whole
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces."""
        del scope, receive
        body = bytes(self._whole.body)
        size = max(1, -(-len(body) // SLOW_PIECES))
        await send(_head(self._whole))
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self._seconds / SLOW_PIECES)
        await send({"type": "http.response.body", "body": b""})


class WrongLengthResponse(Response):
    """The whole body behind a head that promises half of it."""

    def __init__(self, whole: Response) -> None:
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write to the transport directly, because the server would refuse a wrong length."""
        del send
        body = bytes(self._whole.body)
        content_type = self._whole.headers["content-type"]
        head = (
            "HTTP/1.1 200 OK\r\n"
            f"content-type: {content_type}\r\n"
            f"content-length: {len(body) // 2}\r\n\r\n"
        )
        scope["state"]["transport"].write(head.encode() + body)
        await _close_connection(scope, receive, resets=False)


class EndlessResponse(Response):
    """A clip followed by zeros: 2 GB with a length, or without an end and without a length."""

    def __init__(self, start: bytes, *, has_length: bool) -> None:
        self._start = start
        self.raw_headers = [(b"content-type", b"video/mp4")]
        if has_length:
            self.raw_headers.append((b"content-length", str(HUGE_BYTES).encode()))
        self._limit = HUGE_BYTES if has_length else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client closes the connection."""
        del receive
        transport = scope["state"]["transport"]
        left = self._limit
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
        zeros = bytes(PIECE_BYTES)
        while True:
            await asyncio.sleep(0)  # let other requests run
            yield zeros


def faulty_response(
    injected: InjectedFault, response: Response, error_response: ErrorResponder
) -> Response:
    """Return the response that a fault puts in the place of a normal one."""
    action = injected.fault.action
    if action in FAULTY_RESPONSES:
        return FAULTY_RESPONSES[action](injected, response)
    if action == "server_error":
        return error_response(injected.http_status(500), "internal error")
    if action == "missing":
        return error_response(404, "prediction not found")
    busy = error_response(429, "rate limit exceeded")
    if retry_after := injected.text("retry_after"):
        busy.headers["Retry-After"] = retry_after
    return busy


def _malformed_json(_injected: InjectedFault, response: Response) -> Response:
    body = bytes(response.body)
    return Response(body[: len(body) // 2], media_type="application/json")


def _html(injected: InjectedFault, _response: Response) -> Response:
    return HTMLResponse(HTML_PAGE, status_code=injected.http_status(200))


def _redirect(injected: InjectedFault, _response: Response) -> Response:
    return Response(status_code=307, headers={"Location": injected.text("location")})


FAULTY_RESPONSES: dict[str, Callable[[InjectedFault, Response], Response]] = {
    "cut": lambda _injected, _response: ResetResponse(),
    "half": lambda _injected, response: TruncatedResponse(response),
    "drip": lambda injected, response: SlowResponse(response, seconds=injected.number("seconds")),
    "malformed": _malformed_json,
    "html": _html,
    "empty": lambda _injected, _response: Response(b""),
    "redirect": _redirect,
    "redirect_private": _redirect,
}


def _head(response: Response) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": response.raw_headers,
    }


async def _close_connection(scope: Scope, receive: Receive, *, resets: bool) -> None:
    """End the connection and wait until the server knows; otherwise it would answer 500."""
    transport = scope["state"]["transport"]
    if resets:
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass

"""What whoever watches over the processes may ask: whether it lives, and whether it can answer pages.

Answered in front of Django: a probe knows neither host names nor HTTPS, and gets no detail.
"""

import asyncio
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from apps.operations.doctor import is_ready
from mjweb.bodies import App, Receive, Scope, Send

log = structlog.get_logger(__name__)
PATIENCE = 5.0  # seconds
KEPT = 2.0  # seconds for which an answer is good: anybody may ask, and the database has other work


class Health:
    """Wrap an ASGI application: /health/ answers 200 while the process lives, /ready/ 200 or 503."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._asked: tuple[float, bool] = (float("-inf"), False)
        self._asking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a probe, or pass on."""
        path = scope.get("path") if scope["type"] == "http" else None
        if path == "/health/":
            await _answer(send, 200, b"alive")
        elif path == "/ready/":
            ready = await self._ready()
            await _answer(send, 200 if ready else 503, b"ready" if ready else b"not ready")
        else:
            await self.app(scope, receive, send)

    async def _ready(self) -> bool:
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if now - self._asked[0] > KEPT:
                self._asked = (now, await _look())
            return self._asked[1]


async def _look() -> bool:
    try:
        return await asyncio.wait_for(sync_to_async(_ready_now)(), PATIENCE)
    except Exception as fault:  # noqa: BLE001  # whatever it is, pages can't be answered
        log.warning("not_ready", fault=type(fault).__name__)
        return False


def _ready_now() -> bool:
    try:
        return is_ready()
    finally:
        close_old_connections()


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers: list[Any] = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

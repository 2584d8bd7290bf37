"""Health checks for monitoring: whether the process lives, and whether it can answer pages.

They are answered before Django: a probe knows neither host names nor HTTPS, and gets no details.
"""

import asyncio
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from apps.operations.doctor import is_ready
from mjweb.request_bodies import App, Receive, Scope, Send

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 5.0
CACHE_SECONDS = 2.0  # anybody may ask, and must not load the database by it


class Health:
    """Wrap an ASGI application: /health/ answers 200 while it lives, /ready/ 200 or 503."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._last_result: tuple[float, bool] = (float("-inf"), False)
        self._lock = asyncio.Lock()

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
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._last_result[0] > CACHE_SECONDS:
                self._last_result = (now, await _check())
            return self._last_result[1]


async def _check() -> bool:
    try:
        return await asyncio.wait_for(sync_to_async(_ready_now)(), TIMEOUT_SECONDS)
    except Exception as error:  # noqa: BLE001  # with any error, pages can't be answered
        log.warning("not_ready", error=type(error).__name__)
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

"""Tells the log, when the web starts, how the first person comes in."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import DatabaseError

from apps.core.database import close_stale_connections

log = structlog.get_logger(__name__)
App = Callable[[Any, Any, Any], Awaitable[None]]


class Greeting:
    """Answers the server's own question whether we have started; hands everything else on."""

    def __init__(self, application: App) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Greet once, before the first request."""
        if scope["type"] != "lifespan":
            await self.application(scope, receive, send)
            return
        await receive()
        await sync_to_async(greet)()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


def greet() -> None:
    """Print the link, while nobody is here; a database that does not answer yet keeps nobody from starting."""
    try:
        call_command("welcome")
    except DatabaseError as fault:
        log.warning("no_welcome", because=str(fault))
    finally:
        close_stale_connections()

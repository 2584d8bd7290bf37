"""Log a link for the first sign-in when the web process starts and no account exists yet."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import DatabaseError

from apps.core.database import close_stale_connections

log = structlog.get_logger(__name__)
App = Callable[[Any, Any, Any], Awaitable[None]]


class StartupMessage:
    """Wrap an ASGI application: answers the server's lifespan messages, passes on the rest."""

    def __init__(self, application: App) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Log the link once, before the first request."""
        if scope["type"] != "lifespan":
            await self.application(scope, receive, send)
            return
        await receive()
        await sync_to_async(log_first_link)()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


def log_first_link() -> None:
    """Print the link while no account exists. The web starts even without the database."""
    try:
        call_command("welcome")
    except DatabaseError as error:
        log.warning("no_welcome", because=str(error))
    finally:
        close_stale_connections()

"""Database connections in threads that answer no request, and deeds that follow a commit."""

from collections.abc import Callable
from typing import Any

from django.db import connections, transaction


def close_stale_connections() -> None:
    """Close this thread's stale connections, as Django does after a request.

    A connection inside a transaction is left open.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def after_commit(deed: Callable[..., object], *arguments: Any) -> None:
    """Do something once the transaction is committed; if it fails, that is logged and no more.

    What was committed stands. Django's own log of a failure asks for the name of what it called,
    which a partial or a bound task lacks.
    """

    def run() -> None:
        deed(*arguments)

    run.__qualname__ = getattr(deed, "__qualname__", repr(deed))
    transaction.on_commit(run, robust=True)

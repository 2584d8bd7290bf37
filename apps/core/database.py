"""Database connections in threads that answer no request."""

from django.db import connections


def close_stale_connections() -> None:
    """Close this thread's stale connections, as Django does after a request.

    A connection inside a transaction is left open.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()

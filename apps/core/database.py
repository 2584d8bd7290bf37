"""What threads outside the request cycle owe the database."""

from django.db import connections


def hand_back() -> None:
    """Close this thread's connections as Django does after a request, but for those inside a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()

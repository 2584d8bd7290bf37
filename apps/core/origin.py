"""Where the request that is being answered comes from, for those who write down what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ORIGIN: ContextVar[str | None] = ContextVar("origin", default=None)


def current_origin() -> str | None:
    """Return the network address of whoever asks, or None where nobody does: a worker, a command."""
    return _ORIGIN.get()


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Remember inside this block that what happens was asked for from `address`."""
    token = _ORIGIN.set(address)
    try:
        yield
    finally:
        _ORIGIN.reset(token)

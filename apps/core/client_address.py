"""The network address of the client whose request is being answered, for the activity log."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ADDRESS: ContextVar[str | None] = ContextVar("client_address", default=None)


def current_client_address() -> str | None:
    """Return the client's address, or None outside of a request: in a worker or a command."""
    return _ADDRESS.get()


@contextmanager
def use_client_address(address: str | None) -> Iterator[None]:
    """Make `address` the current client address inside this block."""
    token = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(token)

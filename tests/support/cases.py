"""Tables inside a test: the line that fails is named in the failure."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def case(name: object) -> Iterator[None]:
    """Add the name of this line of a table to whatever fails inside."""
    try:
        yield
    except BaseException as fault:
        fault.add_note(f"case: {name}")
        raise

import pytest

from tests.vendors.comet.scripted import line, serving


@pytest.fixture(scope="module")
def door():
    """One scripted vendor for all tests of a file."""
    with serving() as vendor:
        yield vendor


@pytest.fixture
def vendor(door):
    """The scripted vendor with nothing said and nothing seen."""
    return door.says(line())

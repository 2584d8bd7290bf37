import pytest

from tests.vendors.comet.scripted import http_answer, serving


@pytest.fixture(scope="module")
def scripted_vendor():
    """One scripted vendor for all tests of a file."""
    with serving() as vendor:
        yield vendor


@pytest.fixture
def vendor(scripted_vendor):
    """The scripted vendor with nothing said and nothing seen."""
    return scripted_vendor.says(http_answer())

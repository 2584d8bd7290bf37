from collections.abc import Iterator

import httpx
import pytest

from tests.support.pictures import PictureServer, picture_server, png
from tests.support.sandbox import Sandbox, quick_sandbox, sandbox, shared_sandbox

__all__ = ["picture_server", "quick_sandbox", "sandbox", "shared_sandbox"]


@pytest.fixture
def picture(picture_server: PictureServer) -> str:
    """The address of a picture that can be fetched."""
    return picture_server.hang("harbour.png", png())


@pytest.fixture
def wire(shared_sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A bare HTTP client with the key, at the door of a quick sandbox that others use too."""
    with shared_sandbox.wire() as http:
        yield http

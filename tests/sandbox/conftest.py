import pytest

from tests.factories.pictures import PictureServer, picture_server, png
from tests.factories.sandbox import quick_sandbox, sandbox, shared_sandbox

__all__ = ["picture_server", "quick_sandbox", "sandbox", "shared_sandbox"]


@pytest.fixture
def picture(picture_server: PictureServer) -> str:
    """The address of a picture that can be fetched."""
    return picture_server.hang("harbour.png", png())


@pytest.fixture
def client(shared_sandbox):
    """Our own client, at the door of a quick sandbox that others use too."""
    ours = shared_sandbox.client()
    yield ours
    ours.close()

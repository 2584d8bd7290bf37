"""Pictures on a real web server on loopback, for vendors to fetch."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import numpy as np
import pytest
from PIL import Image


def png(width: int = 320, height: int = 200) -> bytes:
    """Return a picture with something to see in it."""
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.dstack([across, down, (across + down) / 2]).astype(np.uint8)
    pixels[height // 3 : height // 2, width // 3 : width // 2] = (240, 200, 60)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@dataclass
class PictureServer:
    """Hands out what was hung into it; everything else is 404. `asked` remembers the paths."""

    base_url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def hang(self, name: str, content: bytes) -> str:
        """Make a file available and return its address."""
        self.files[f"/{name}"] = content
        return f"{self.base_url}/{name}"


@contextmanager
def serving_pictures(port: int = 0) -> Iterator[PictureServer]:
    """Run a web server for pictures, on a free port or a given one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pictures.asked.append(self.path)
            content = pictures.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        pictures = PictureServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield pictures
        server.shutdown()
        thread.join()


@pytest.fixture
def picture_server() -> Iterator[PictureServer]:
    """Give a web server for pictures."""
    with serving_pictures() as pictures:
        yield pictures

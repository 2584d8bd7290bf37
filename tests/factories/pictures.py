"""Pictures on a real web server on loopback, for vendors to fetch."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
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
    """Hands out what was hung into it; everything else is 404."""

    base_url: str
    files: dict[str, bytes]

    def hang(self, name: str, content: bytes) -> str:
        """Make a file available and return its address."""
        self.files[f"/{name}"] = content
        return f"{self.base_url}/{name}"


@pytest.fixture
def picture_server() -> Iterator[PictureServer]:
    """Give a web server for pictures."""
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield PictureServer(base_url=f"http://127.0.0.1:{server.server_address[1]}", files=files)
        server.shutdown()
        thread.join()

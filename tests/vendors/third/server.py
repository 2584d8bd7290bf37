"""Riverfilm's server on loopback: a film is ready at the second poll."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PHASES = ("rendering", "ready")


@dataclass
class RiverfilmServer:
    """Remembers the orders it accepted, and how often each film was polled."""

    base_url: str
    content: bytes
    orders: list[dict[str, Any]] = field(default_factory=list)
    polls: dict[str, int] = field(default_factory=dict)

    def film(self, film_id: str) -> dict[str, str] | None:
        """Return a film as its next poll shows it."""
        if film_id not in self.polls:
            return None
        phase = PHASES[min(self.polls[film_id], 1)]
        self.polls[film_id] += 1
        return {"id": film_id, "phase": phase, "file": f"{self.base_url}/files/{film_id}.mp4"}


@contextmanager
def serve_riverfilm(content: bytes) -> Iterator[RiverfilmServer]:
    """Run the server on a free port; every film has this content."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            server.orders.append(json.loads(self.rfile.read(length)))
            film_id = f"film-{len(server.orders)}"
            server.polls[film_id] = 0
            self._answer(201, {"film": {"id": film_id, "phase": "accepted"}})

        def do_GET(self) -> None:
            if self.path.startswith("/files/"):
                self._send(200, "video/mp4", server.content)
                return
            film = server.film(self.path.rpartition("/")[2])
            self._answer(200 if film else 404, {"film": film})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            self._send(status, "application/json", json.dumps(body).encode())

        def _send(self, status: int, content_type: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        server = RiverfilmServer(f"http://127.0.0.1:{http_server.server_address[1]}", content)
        thread = threading.Thread(target=http_server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        http_server.shutdown()

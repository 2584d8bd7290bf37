"""What the tests about WaveSpeedAI stand on: its client called from plain functions, its jobs, a server of its kind."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from hypothesis import strategies as st

from apps.vendors.types import Order
from apps.vendors.wavespeed.client import WaveSpeed

BASE = "https://vendor.example.test"
KEY = "wsk_very-secret-indeed"
JOB = "5f0c2d9b7a164e3f8b1d6a2c9e407f31"
MODEL = "midjourney/image-to-video"
ORDER = Order(
    image_url="https://assets.example.test/in/harbour.png",
    prompt="slow dolly in, gulls cross the frame",
    parameters={"resolution": "720p", "aspect_ratio": "16:9", "stylize": 100, "seed": 421337},
)


class Called:
    """The client, opened for one verb at a time and called from a test that is not async."""

    def __init__(self, **account):
        # Its servers are on this machine, as a sandbox is.
        self.vendor = WaveSpeed(**{"allow_private": True} | account)

    def __getattr__(self, verb):
        def call(*arguments):
            return asyncio.run(self._call(verb, *arguments))

        return call

    def __repr__(self):
        return repr(self.vendor)

    async def _call(self, verb, *arguments):
        async with self.vendor:
            answer = getattr(self.vendor, verb)(*arguments)
            return await (gathered(answer) if verb in {"reports", "find_orders"} else answer)


async def gathered(pages):
    """Return what comes page by page as one."""
    return {name: report async for page in pages for name, report in page.items()}


def wavespeed(handler, **account) -> Called:
    """Return a client whose every exchange is answered by this function."""
    return Called(
        **{"base_url": BASE, "api_key": KEY, "transport": httpx.MockTransport(handler)} | account
    )


def answering(status: int = 200, **options) -> Called:
    """Return a client that hears the same answer to everything."""
    return wavespeed(lambda request: httpx.Response(status, **options))


def failing(error: type[httpx.RequestError]) -> Called:
    """Return a client whose every exchange breaks like this."""

    def handler(request):
        raise error("gone", request=request)

    return wavespeed(handler)


def prediction(**changes) -> dict:
    """Return a job as docs/vendor-contracts.md, section 1.3 describes it, finished unless told otherwise."""
    return {
        "id": JOB,
        "model": MODEL,
        "outputs": ["https://cdn.example.test/0.mp4"],
        "urls": {"get": f"{BASE}/api/v3/predictions/{JOB}/result"},
        "has_nsfw_contents": [False],
        "status": "completed",
        "created_at": "2026-11-21T09:12:48.239112031Z",
        "error": "",
        "timings": {"inference": 41873},
    } | changes


def wrapped(data) -> dict:
    """Return an envelope around anything."""
    return {"code": 200, "message": "success", "data": data}


def enveloped(**changes) -> dict:
    """Return a job in its envelope."""
    return wrapped(prediction(**changes))


# --- whatever comes -----------------------------------------------------------------------------------------

NAMES = [
    *(
        "code",
        "data",
        "id",
        "status",
        "outputs",
        "has_nsfw_contents",
        "error",
        "message",
        "timings",
    ),
    *(
        "created_at",
        "items",
        "total",
        "page",
        "input",
        "inputs",
        "image",
        "balance",
        "currency",
        "price",
    ),
    *(
        "discounted_price",
        "unit_price",
        "secret",
        "deleted_count",
        "upload",
        "url",
        "headers",
        "download_url",
    ),
]
WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(
        [200, 1200, 429, 10**400, "completed", "failed", "created", JOB, ORDER.image_url]
    ),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner)
    ),
    max_leaves=20,
)
BODIES = WILD.map(json.dumps).map(str.encode) | st.binary()


# --- a server -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body's JSON."""
        return json.loads(self.body)


Answering = Callable[[Heard], tuple[int, Any]]


@dataclass
class Stage:
    """A real HTTP server on loopback; `play` answers with a status and a JSON body (or bytes)."""

    url: str = ""
    play: Answering = lambda heard: (404, {"code": 404, "message": "no route"})
    heard: list[Heard] = field(default_factory=list)

    def client(self, **account) -> Called:
        """Return a client of this server."""
        return Called(**{"base_url": self.url, "api_key": KEY} | account)

    def routes(self, **answers) -> None:
        """Answer by the path's last word, and with 404 where it is none of these."""
        self.play = lambda heard: answers.get(
            heard.path.rpartition("/")[2], (404, {"message": "no route"})
        )

    def paths(self) -> list[str]:
        """Return what was asked, in order."""
        return [f"{heard.method} {heard.path}" for heard in self.heard]


@contextmanager
def standing() -> Iterator[Stage]:
    """Run a stage for as long as a test needs it."""
    stage = Stage()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self):
            place = urlsplit(self.path)
            heard = Heard(
                method=self.command,
                path=place.path,
                query=parse_qs(place.query),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            stage.heard.append(heard)
            status, body = stage.play(heard)
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 -- the names http.server looks for

        def log_message(self, *args):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        stage.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        yield stage
        server.shutdown()
        thread.join()


@dataclass
class Ledger:
    """A vendor in memory: answers list and poll, newest first.

    Source: docs/vendor-contracts.md, sections 1.3 and 1.7.
    """

    jobs: list[dict] = field(default_factory=list)
    says_total: bool = True
    hidden: set[str] = field(default_factory=set)  # what its list leaves out

    def keep(self, job_id: str, at: datetime, **changes) -> dict:
        """Write a job down that runs unless told otherwise."""
        running = {"status": "processing", "outputs": [], "has_nsfw_contents": []}
        stamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        job = prediction(**{"id": job_id, "created_at": stamp, **running, **changes})
        self.jobs.append(job)
        return job

    def __call__(self, heard: Heard) -> tuple[int, Any]:
        """Answer one request."""
        if heard.method == "POST" and heard.path == "/api/v3/predictions":
            return 200, wrapped(self._page(**heard.json))
        wanted = heard.path.removesuffix("/result").rpartition("/")[2]
        found = [job for job in self.jobs if job["id"] == wanted]
        return (
            (200, wrapped(found[0]))
            if found
            else (404, {"code": 404, "message": "prediction not found"})
        )

    def hears(self, request: httpx.Request) -> httpx.Response:
        """Answer one request without a server."""
        place = urlsplit(str(request.url))
        heard = Heard(
            request.method,
            place.path,
            parse_qs(place.query),
            dict(request.headers),
            request.content,
        )
        status, body = self(heard)
        return httpx.Response(status, json=body)

    def _page(self, *, page, page_size, created_after, created_before, model):
        assert 1 <= page_size <= 100
        first, last = datetime.fromisoformat(created_after), datetime.fromisoformat(created_before)
        fits = [
            job
            for job in self.jobs
            if first <= datetime.fromisoformat(job["created_at"]) <= last and job["model"] == model
        ]
        fits.sort(key=lambda job: job["created_at"], reverse=True)
        items = [
            job
            for job in fits[(page - 1) * page_size : page * page_size]
            if job["id"] not in self.hidden
        ]
        return {"page": page, "items": items} | ({"total": len(fits)} if self.says_total else {})

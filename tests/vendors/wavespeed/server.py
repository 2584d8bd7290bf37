"""WaveSpeedAI for tests: its client without async, its answers, and servers that give them."""

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


class SyncClient:
    """The client for tests that are not async: opened for each method call."""

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
            return await (collect_pages(answer) if verb in {"reports", "find_orders"} else answer)


async def collect_pages(pages):
    """Return the pages of an answer as one mapping."""
    return {name: report async for page in pages for name, report in page.items()}


def wavespeed(handler, **account) -> SyncClient:
    """Return a client whose requests are answered by this function."""
    return SyncClient(
        **{"base_url": BASE, "api_key": KEY, "transport": httpx.MockTransport(handler)} | account
    )


def client_answered(status: int = 200, **options) -> SyncClient:
    """Return a client that gets the same answer to every request."""
    return wavespeed(lambda request: httpx.Response(status, **options))


def client_failing(error: type[httpx.RequestError]) -> SyncClient:
    """Return a client whose requests all fail with this error."""

    def handler(request):
        raise error("gone", request=request)

    return wavespeed(handler)


def prediction(**changes) -> dict:
    """Return a job, which is finished unless `changes` say otherwise.

    Source: docs/vendor-contracts.md, section 1.3.
    """
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


def envelope(data) -> dict:
    """Return an envelope around any content."""
    return {"code": 200, "message": "success", "data": data}


def enveloped_job(**changes) -> dict:
    """Return a job in an envelope."""
    return envelope(prediction(**changes))


# --- random answers -------------------------------------------------------------------------------

NAMES = [
    "code", "data", "id", "status", "outputs", "has_nsfw_contents", "error", "message", "timings",
    "created_at", "items", "total", "page", "input", "inputs", "image", "balance", "currency",
    "price", "discounted_price", "unit_price", "secret", "deleted_count", "upload", "url",
    "headers", "download_url",
]  # fmt: skip
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


# --- a server ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordedRequest:
    """One request that the server received."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body's JSON."""
        return json.loads(self.body)


Responder = Callable[[RecordedRequest], tuple[int, Any]]
NO_ROUTE = (404, {"code": 404, "message": "no route"})


@dataclass
class LoopbackServer:
    """A real HTTP server on loopback; `respond` gives a status and a JSON body (or bytes)."""

    url: str
    respond: Responder = lambda request: NO_ROUTE
    requests: list[RecordedRequest] = field(default_factory=list)

    def reset(self) -> "LoopbackServer":
        """Forget all requests, and answer 404 again."""
        self.respond = lambda request: NO_ROUTE
        self.requests.clear()
        return self

    def client(self, **account) -> SyncClient:
        """Return a client of this server."""
        return SyncClient(**{"base_url": self.url, "api_key": KEY} | account)

    def routes(self, **answers) -> None:
        """Answer by the path's last word, and with 404 where it is none of these."""
        self.respond = lambda request: answers.get(request.path.rpartition("/")[2], NO_ROUTE)

    def paths(self) -> list[str]:
        """Return method and path of each request, in order."""
        return [f"{request.method} {request.path}" for request in self.requests]


@contextmanager
def serve_loopback() -> Iterator[LoopbackServer]:
    """Run a server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or a kept connection waits 40 ms before each body

        def _serve(self):
            place = urlsplit(self.path)
            request = RecordedRequest(
                method=self.command,
                path=place.path,
                query=parse_qs(place.query),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            server.requests.append(request)
            status, body = server.respond(request)
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

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        http_server.daemon_threads = True
        server = LoopbackServer(f"http://127.0.0.1:{http_server.server_port}")
        thread = threading.Thread(target=http_server.serve_forever, args=(0.005,))
        thread.start()
        yield server
        http_server.shutdown()
        thread.join()


@dataclass
class JobList:
    """A vendor in memory: answers list and poll, newest first.

    Source: docs/vendor-contracts.md, sections 1.3 and 1.7.
    """

    jobs: list[dict] = field(default_factory=list)
    says_total: bool = True
    hidden: set[str] = field(default_factory=set)  # the jobs that its list leaves out
    _newest_first: list[tuple[datetime, dict]] = field(default_factory=list, repr=False)

    def add(self, job_id: str, at: datetime, **changes) -> dict:
        """Add a job, which is running unless `changes` say otherwise."""
        running = {"status": "processing", "outputs": [], "has_nsfw_contents": []}
        stamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        job = prediction(**{"id": job_id, "created_at": stamp, **running, **changes})
        self.jobs.append(job)
        self._newest_first.clear()
        return job

    def clear(self) -> None:
        """Remove all jobs."""
        self.jobs.clear()
        self._newest_first.clear()

    def __call__(self, request: RecordedRequest) -> tuple[int, Any]:
        """Answer one request."""
        if request.method == "POST" and request.path == "/api/v3/predictions":
            return 200, envelope(self._page(**request.json))
        job_id = request.path.removesuffix("/result").rpartition("/")[2]
        for job in self.jobs:
            if job["id"] == job_id:
                return 200, envelope(job)
        return 404, {"code": 404, "message": "prediction not found"}

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request without a server."""
        place = urlsplit(str(request.url))
        query = parse_qs(place.query)
        headers = dict(request.headers)
        status, body = self(
            RecordedRequest(request.method, place.path, query, headers, request.content)
        )
        return httpx.Response(status, json=body)

    def _page(self, *, page, page_size, created_after, created_before, model):
        assert 1 <= page_size <= 100
        first, last = datetime.fromisoformat(created_after), datetime.fromisoformat(created_before)
        matching = [
            job
            for created_at, job in self._sorted_jobs()
            if first <= created_at <= last and job["model"] == model
        ]
        here = matching[(page - 1) * page_size : page * page_size]
        items = [job for job in here if job["id"] not in self.hidden]
        total = {"total": len(matching)} if self.says_total else {}
        return {"page": page, "items": items} | total

    def _sorted_jobs(self) -> list[tuple[datetime, dict]]:
        """Return the jobs with their times, newest first; sorted again only after a change."""
        if not self._newest_first:
            timed = [(datetime.fromisoformat(job["created_at"]), job) for job in self.jobs]
            self._newest_first = sorted(timed, key=lambda pair: pair[0], reverse=True)
        return self._newest_first

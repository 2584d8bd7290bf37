"""A vendor on loopback that gives the answers of a script, and the answers of CometAPI."""

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from apps.vendors.comet.client import Comet
from apps.vendors.types import JobQuery, Order

KEY = "sk-very-secret-indeed"
JOB = "1795219200123456"
ORDER = Order(
    image_url="https://assets.example.test/in/dog.png",
    prompt="the dog lifts its head and the camera pushes in",
    parameters={},
    reference="job-7c1e",
)


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One answer: a status and a body, or the bytes of the connection, or none at all."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    silent: bool = False


def http_answer(status=200, *, json_=..., body=b"", **headers):
    """An answer with a JSON body, or with these bytes."""
    body = body if json_ is ... else json.dumps(json_).encode()
    return Line(
        status=status,
        body=body,
        headers=tuple((k.replace("_", "-"), v) for k, v in headers.items()),
    )


class Vendor:
    """The scripted vendor: `says` sets its answers, of which the last is repeated."""

    def __init__(self, url):
        self.url, self.over = url, threading.Event()
        self.seen, self.lines = [], [http_answer()]

    def says(self, *lines):
        self.seen, self.lines = [], list(lines)
        return self

    def answer(self, request):
        self.seen.append(request)
        return self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]

    def ask(self, verb, *args, **options):
        """Call one method of our client with this vendor."""

        async def main():
            async with Comet(
                **{"base_url": self.url, "api_key": KEY, "allow_private": True} | options
            ) as comet:
                answer = getattr(comet, verb)(*args)
                if verb in {"reports", "find_orders"}:  # they come page by page
                    return {job: report async for page in answer for job, report in page.items()}
                return await answer

        return asyncio.run(main())

    def submit(self, order=ORDER, **options):
        return self.ask("submit", order, **options)

    def report(self, job=JOB):
        return self.ask("report", job)


@contextmanager
def serving():
    """Run a scripted vendor on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.say(
                vendor.answer(
                    Request(method=self.command, path=self.path, headers=headers, body=body)
                )
            )

        do_GET = do_POST = do  # noqa: N815  # the library's names

        def say(self, words):
            self.close_connection = True
            if words.silent:
                vendor.over.wait(10)
            elif words.raw is not None:
                self.wfile.write(words.raw)
            else:
                self.send_response_only(words.status)
                for name, value in (*words.headers, ("Content-Length", str(len(words.body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(words.body)

        def log_message(self, *args):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        vendor = Vendor(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield vendor
        vendor.over.set()
        server.shutdown()
        thread.join()


def accepted_answer(code=1, result=JOB, **more):
    """An answer to an order as docs/vendor-contracts.md, section 3.3 has it."""
    return http_answer(
        json_={"code": code, "description": "Submit Success", "result": result, "properties": {}}
        | more
    )


def refusal_answer(code, words="no", status=200, **more):
    """An envelope with the code of a refusal."""
    return http_answer(status, json_={"code": code, "description": words} | more)


def gateway_error(status, words="Something is wrong (request id: 2026112109124823)", code=""):
    """The gateway's own error."""
    return http_answer(
        status, json_={"error": {"code": code, "message": words, "type": "comet_api_error"}}
    )


def relay_error(words, code=4, status=400):
    """The relay's error."""
    return http_answer(status, json_={"description": words, "type": "upstream_error", "code": code})


def task(**changes):
    """A finished job as docs/vendor-contracts.md, section 3.4 describes it."""
    clips = [{"url": f"https://cdn.example.test/video/9e/0_{number}.mp4"} for number in range(4)]
    return {
        "id": JOB,
        "action": "VIDEO",
        "status": "SUCCESS",
        "progress": "100%",
        "prompt": "the dog lifts its head",
        "promptEn": "the dog lifts its head",
        "description": "/video the dog lifts its head",
        "state": "job-7c1e",
        "submitTime": 1795219200123,
        "startTime": 1795219203000,
        "finishTime": 1795219291000,
        "imageUrl": f"https://api.cometapi.com/mj/image/{JOB}",
        "failReason": "",
        "videoUrl": clips[0]["url"],
        "videoUrls": clips,
        "buttons": [
            {
                "customId": "MJ::JOB::video_virtual_upscale::1::9e",
                "label": "U1",
                "type": 2,
                "style": 2,
            }
        ],
        "properties": {},
    } | changes


def job_answer(**changes):
    """The answer to a poll of one job."""
    return http_answer(json_=task(**changes))


def job_queries(*ids):
    return [
        JobQuery(vendor_job_id=one, accepted_at=datetime(2026, 11, 21, tzinfo=UTC)) for one in ids
    ]

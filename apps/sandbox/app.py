"""The sandbox's HTTP: WaveSpeedAI's contract on loopback (vendor contracts, sections 1 and 2.3)."""

import base64
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from apps.sandbox.contract import MODEL, BadOrder, envelope, prediction, price_of, read_order
from apps.sandbox.places import Places
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.store import Job, Store
from apps.sandbox.workers import Workers

LARGEST_BODY = 1_000_000

Endpoint = Callable[["Desk", Request], Awaitable[Response]]


class Desk:
    """What every request needs: the memory, the hands and the files."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.places = Places(settings.data)
        self.places.outputs.mkdir(parents=True, exist_ok=True)
        self.store = Store(self.places.database)
        self.workers = Workers(settings, self.store, self.places)


async def submit(desk: Desk, request: Request) -> Response:
    """Take an order: written down and charged before it is answered."""
    try:
        order = read_order(await _body(request))
    except BadOrder as error:
        # JSON can name a key with half a character, which no answer can carry.
        raise HTTPException(400, str(error).encode("utf-8", "replace").decode()) from error
    job = await run_in_threadpool(desk.store.take, order, price_of(order))
    desk.workers.put(job.id)
    return await _told(desk, request, job)


async def result(desk: Desk, request: Request) -> Response:
    """Tell how a job is doing; always 200 where the job is known."""
    job = await run_in_threadpool(desk.store.find, request.path_params["job_id"])
    if job is None:
        raise HTTPException(404, "prediction not found")
    return await _told(desk, request, job)


async def ledger(desk: Desk, _request: Request) -> Response:
    """Show what was charged and given back, one line per job; no vendor has this, tests count it."""
    return JSONResponse(await run_in_threadpool(desk.store.ledger))


async def output(desk: Desk, request: Request) -> Response:
    """Hand out a clip to whoever has its address."""
    job = await run_in_threadpool(desk.store.find, request.path_params["job_id"])
    if job is None or job.status != "completed":
        raise HTTPException(404, "no such output")
    return FileResponse(desk.places.clip_of(job.id), media_type="video/mp4")


async def _told(desk: Desk, request: Request, job: Job) -> Response:
    base = str(request.base_url).rstrip("/")
    clip = f"{base}/outputs/{job.id}/0.mp4"
    if job.status == "completed" and job.input["enable_base64_output"]:
        raw = await run_in_threadpool(desk.places.clip_of(job.id).read_bytes)
        clip = base64.b64encode(raw).decode()  # naked, without data: (contracts 1.9)
    return JSONResponse(envelope(prediction(job, base=base, output=clip)))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, f"The body must be no larger than {LARGEST_BODY} bytes.")
    return bytes(body)


def _open_to_key(desk: Desk, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    expected = f"Bearer {desk.settings.key}".encode()

    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, expected):
            raise HTTPException(401, "missing or invalid API key")
        return await endpoint(desk, request)

    return guarded


def _open_to_all(desk: Desk, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def unguarded(request: Request) -> Response:
        return await endpoint(desk, request)

    return unguarded


async def _refused(_request: Request, error: Exception) -> Response:
    """Answer every error as the vendor does: JSON with a code and a message."""
    if not isinstance(error, HTTPException):
        return JSONResponse({"code": 500, "message": "internal error"}, status_code=500)
    body = {"code": error.status_code, "message": error.detail}
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


def make_app(settings: SandboxSettings) -> Starlette:
    """Return the sandbox as an ASGI application; its workers live from startup to shutdown."""
    desk = Desk(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(desk.workers.start)
        yield
        await run_in_threadpool(desk.workers.stop)

    place = "/api/v3/predictions/{job_id}"
    routes = [
        Route(f"/api/v3/{MODEL}", _open_to_key(desk, submit), methods=["POST"]),
        Route(place, _open_to_key(desk, result), methods=["GET"]),
        Route(f"{place}/result", _open_to_key(desk, result), methods=["GET"]),
        Route("/sandbox/ledger", _open_to_key(desk, ledger), methods=["GET"]),
        Route("/outputs/{job_id}/0.mp4", _open_to_all(desk, output), methods=["GET"]),
    ]
    handlers = {HTTPException: _refused, Exception: _refused}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False  # a redirect would turn an order into a question (contracts 2.2)
    return app

"""The sandbox's HTTP: two vendors' contracts on loopback, and the doors of our own beside them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from apps.sandbox import clips, truth, uploads
from apps.sandbox.callers import Callers
from apps.sandbox.comet import doors as comet
from apps.sandbox.comet.answers import gateway_error
from apps.sandbox.desk import Desk, Endpoint, open_to_all, open_to_key
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.wavespeed import account
from apps.sandbox.wavespeed import doors as wavespeed
from apps.sandbox.wavespeed.tables import MODEL

Doors = tuple[tuple[str, str, Endpoint], ...]
WAVESPEED: Doors = (
    ("POST", f"/{MODEL}", wavespeed.submit),
    ("GET", "/predictions/{job_id}", wavespeed.result),
    ("GET", "/predictions/{job_id}/result", wavespeed.result),
    ("POST", "/predictions", wavespeed.search),
    ("POST", "/predictions/delete", wavespeed.delete),
    ("GET", "/balance", account.balance),
    ("GET", "/account/balance", account.older_balance),
    ("POST", "/model/price", account.price),
    ("POST", "/model/pricing", account.older_price),
    ("GET", "/webhook/secret", account.secret),
    ("POST", "/media/uploads", uploads.ticket),
)
SPEEDS = ("", "/mj-fast", "/mj-relax", "/mj-turbo")  # the prefix says how fast (contracts 3.1)
COMET: Doors = (
    ("POST", "/submit/video", comet.submit),
    ("POST", "/submit/upload-discord-images", comet.upload),
    ("GET", "/task/{job_id}/fetch", comet.fetch),
    ("POST", "/task/list-by-condition", comet.search),
    ("POST", "/task/{job_id}/cancel", comet.cancel),
)
OURS: Doors = (
    ("GET", "/ledger", truth.ledger),
    ("GET", "/jobs", truth.jobs),
    ("GET", "/faults", truth.faults),
    ("POST", "/faults", truth.set_faults),
    ("GET", "/faults/known", truth.known_faults),
    ("GET", "/clock", truth.clock),
    ("POST", "/clock", truth.set_clock),
)
# Whoever has such an address may use it.
OPEN: Doors = (
    ("GET", "/outputs/{job_id}/{number:int}.mp4", clips.clip),
    ("GET", "/mj/image/{job_id}", comet.image),
    ("PUT", "/put/{upload_id}", uploads.put),
    ("GET", "/u/{upload_id}/{filename}", uploads.download),
)


def make_app(settings: SandboxSettings) -> Starlette:
    """Return the sandbox as an ASGI application; its threads live from startup to shutdown."""
    desk = Desk(settings)
    callers = Callers(desk)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        for part in (desk.clock, callers, desk.workers):
            await run_in_threadpool(part.start)
        yield
        for part in (desk.workers, callers, desk.clock):
            await run_in_threadpool(part.stop)

    handlers = {HTTPException: _refused, Exception: _refused}
    app = Starlette(routes=list(_routes(desk)), lifespan=lifespan, exception_handlers=handlers)
    # a redirect would turn an order into a question (contracts 2.2)
    app.router.redirect_slashes = False
    return app


def _routes(desk: Desk) -> Iterator[Route]:
    for method, path, endpoint in OPEN:
        yield Route(path, open_to_all(desk, endpoint), methods=[method])
    guarded = [
        ("/api/v3", WAVESPEED),
        ("/sandbox", OURS),
        *((f"{speed}/mj", COMET) for speed in SPEEDS),
    ]
    for prefix, doors in guarded:
        for method, path, endpoint in doors:
            yield Route(f"{prefix}{path}", open_to_key(desk, endpoint), methods=[method])


async def _refused(request: Request, error: Exception) -> Response:
    """Answer every error as the vendor does who is asked."""
    known = error if isinstance(error, HTTPException) else HTTPException(500, "internal error")
    if request.url.path.startswith("/mj"):
        return gateway_error(known.status_code, known.detail)
    body = {"code": known.status_code, "message": known.detail}
    return JSONResponse(body, status_code=known.status_code, headers=known.headers)

"""The sandbox's HTTP application: two vendors' interfaces, and routes of our own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from apps.sandbox import admin_api, clips, uploads
from apps.sandbox.comet import routes as comet
from apps.sandbox.comet.answers import gateway_error
from apps.sandbox.context import Endpoint, SandboxContext, require_key, without_key
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.wavespeed import account
from apps.sandbox.wavespeed import routes as wavespeed
from apps.sandbox.wavespeed.parameters import MODEL
from apps.sandbox.webhooks import WebhookSender

Routes = tuple[tuple[str, str, Endpoint], ...]
WAVESPEED: Routes = (
    ("POST", f"/{MODEL}", wavespeed.submit),
    ("GET", "/predictions/{job_id}", wavespeed.result),
    ("GET", "/predictions/{job_id}/result", wavespeed.result),
    ("POST", "/predictions", wavespeed.search),
    ("POST", "/predictions/delete", wavespeed.delete),
    ("GET", "/balance", account.balance),
    ("GET", "/account/balance", account.account_balance),
    ("POST", "/model/price", account.price),
    ("POST", "/model/pricing", account.model_pricing),
    ("GET", "/webhook/secret", account.secret),
    ("POST", "/media/uploads", uploads.ticket),
)
# The path prefix chooses the speed (docs/vendor-contracts.md, section 3.1).
SPEED_PREFIXES = ("", "/mj-fast", "/mj-relax", "/mj-turbo")
COMET: Routes = (
    ("POST", "/submit/video", comet.submit),
    ("POST", "/submit/upload-discord-images", comet.upload),
    ("GET", "/task/{job_id}/fetch", comet.fetch),
    ("POST", "/task/list-by-condition", comet.search),
    ("POST", "/task/{job_id}/cancel", comet.cancel),
)
ADMIN: Routes = (
    ("GET", "/ledger", admin_api.ledger),
    ("GET", "/jobs", admin_api.jobs),
    ("GET", "/faults", admin_api.faults),
    ("POST", "/faults", admin_api.set_faults),
    ("GET", "/faults/known", admin_api.known_faults),
    ("GET", "/clock", admin_api.clock),
    ("POST", "/clock", admin_api.set_clock),
)
# Everybody who has such an address may use it.
WITHOUT_KEY: Routes = (
    ("GET", "/outputs/{job_id}/{number:int}.mp4", clips.download_clip),
    ("GET", "/mj/image/{job_id}", comet.image),
    ("PUT", "/put/{upload_id}", uploads.put),
    ("GET", "/u/{upload_id}/{filename}", uploads.download),
)


def make_app(settings: SandboxSettings) -> Starlette:
    """Return the sandbox as an ASGI application; its threads live from startup to shutdown."""
    context = SandboxContext(settings)
    webhook_sender = WebhookSender(context)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        for part in (context.clock, webhook_sender, context.workers):
            await run_in_threadpool(part.start)
        yield
        for part in (context.workers, webhook_sender, context.clock):
            await run_in_threadpool(part.stop)

    handlers = {HTTPException: _error_response, Exception: _error_response}
    app = Starlette(routes=list(_routes(context)), lifespan=lifespan, exception_handlers=handlers)
    # A redirect would turn the POST of an order into a GET (docs/vendor-contracts.md, section 2.2).
    app.router.redirect_slashes = False
    return app


def _routes(context: SandboxContext) -> Iterator[Route]:
    for method, path, endpoint in WITHOUT_KEY:
        yield Route(path, without_key(context, endpoint), methods=[method])
    guarded = [
        ("/api/v3", WAVESPEED),
        ("/sandbox", ADMIN),
        *((f"{speed}/mj", COMET) for speed in SPEED_PREFIXES),
    ]
    for prefix, routes in guarded:
        for method, path, endpoint in routes:
            yield Route(f"{prefix}{path}", require_key(context, endpoint), methods=[method])


async def _error_response(request: Request, error: Exception) -> Response:
    """Return an error in the form of the vendor whose route was requested."""
    known = error if isinstance(error, HTTPException) else HTTPException(500, "internal error")
    if request.url.path.startswith("/mj"):
        return gateway_error(known.status_code, known.detail)
    body = {"code": known.status_code, "message": known.detail}
    return JSONResponse(body, status_code=known.status_code, headers=known.headers)

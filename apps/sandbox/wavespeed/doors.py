"""WaveSpeedAI's doors for orders and looks (vendor contracts 1.2 to 1.7)."""

import base64

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.calling import Called, UnknownFault
from apps.sandbox.desk import Desk, base_of, body_of, object_of, plain, storable
from apps.sandbox.faults import TASK_CODES, Where
from apps.sandbox.jobs import Job, NewOrder
from apps.sandbox.looks import looked, sight_of
from apps.sandbox.store import NoCredit, TooMany
from apps.sandbox.wavespeed.answers import envelope, naked, prediction
from apps.sandbox.wavespeed.orders import BadOrder, price_of, read_order, wish_of
from apps.sandbox.wavespeed.search import page_of, read_search
from apps.sandbox.wild import twisted

CONTRACT = "wavespeed"
NO_CREDIT = "Insufficient credits. Please top up your account."
# The one documented error of another shape (contracts 1.6).
NO_BASE64 = {
    "error": "webhook callback does not support base64 output, use an output address instead"
}
MOST_DELETED = 100


async def submit(desk: Desk, request: Request) -> Response:
    """Take an order: written down and charged before it is answered."""
    try:
        read = read_order(await body_of(request))
    except BadOrder as error:
        return plain(400, str(error))
    hook = request.query_params.get("webhook", "")
    if hook and read.get("enable_base64_output"):
        return JSONResponse(NO_BASE64, status_code=400)
    return await run_in_threadpool(_submitted, desk, read, hook, base_of(request))


def _submitted(
    desk: Desk, read: dict[str, str | int | float | bool], hook: str, base: str
) -> Response:
    wish, image = wish_of(read), str(read["image"])
    try:
        faults = desk.faults_of(str(wish["prompt"]), image, CONTRACT)
    except UnknownFault as error:
        return plain(400, str(error))
    price = price_of(read)
    assert price is not None, "a checked order has a price"  # noqa: S101
    order = NewOrder(
        contract=CONTRACT,
        mark=image,
        input=read,
        wish=wish,
        price=price,
        base=base,
        hook=hook,
        faults=faults,
    )
    if called := desk.refusing(order):
        return _refused(called)
    try:
        job = desk.take(order)
    except NoCredit:
        return plain(402, NO_CREDIT)
    except TooMany:
        return plain(429, "Rate limit exceeded, please wait a minute.")
    taken = JSONResponse(envelope(prediction(sight_of(desk, job, base), base)))
    bad = next((called for called in faults if called.fault.where is Where.TAKEN), None)
    return twisted(bad, taken, plain) if bad else taken


def _refused(called: Called) -> Response:
    refusals = {
        "refuse": (400, "The order is refused."),
        "unauthorised": (401, "missing or invalid API key"),
        "no_credit": (called.status(402), NO_CREDIT),
        "moderated": (400, TASK_CODES[1200]),
    }
    if called.fault.act in refusals:
        return plain(*refusals[called.fault.act])
    return twisted(called, JSONResponse(envelope({"id": "0" * 32, "status": "created"})), plain)


async def result(desk: Desk, request: Request) -> Response:
    """Tell how a job is doing; always 200 where the job is known."""
    job = await desk.asked_for(request, CONTRACT)
    if job is None:
        raise HTTPException(404, "prediction not found")

    async def honest() -> Response:
        return JSONResponse(await run_in_threadpool(_told, desk, job, base_of(request)))

    return await looked(desk, [job], honest, plain)


def _told(desk: Desk, job: Job, base: str) -> dict[str, object]:
    sight = sight_of(desk, job, base)
    if sight.addresses and job.input.get("enable_base64_output"):
        sight = naked(job, base64.b64encode(desk.places.clip_of(job.id).read_bytes()).decode())
    return envelope(prediction(sight, base))


async def search(desk: Desk, request: Request) -> Response:
    """Tell of many jobs, newest first, a page at a time."""
    try:
        wanted = read_search(await object_of(request), oldest=desk.clock.now())
    except BadOrder as error:
        return plain(400, str(error))
    total, jobs = await run_in_threadpool(
        desk.store.page, wanted.where, limit=wanted.size, skip=wanted.skip
    )

    async def honest() -> Response:
        page = await run_in_threadpool(page_of, desk, jobs, total, base_of(request), wanted.page)
        return JSONResponse(envelope(page))

    return await looked(desk, jobs, honest, plain)


async def delete(desk: Desk, request: Request) -> Response:
    """Forget jobs and their clips for good."""
    ids = (await object_of(request)).get("ids")
    if (
        not isinstance(ids, list)
        or not ids
        or len(ids) > MOST_DELETED
        or not all(isinstance(i, str) for i in ids)
    ):
        return plain(400, f"ids must be a list of 1 to {MOST_DELETED} ids.")
    gone = await run_in_threadpool(desk.store.forget, [storable(one) for one in ids])
    await run_in_threadpool(desk.places.remove, gone)
    return JSONResponse(envelope({"deleted_count": len(gone)}))

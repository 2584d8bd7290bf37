"""WaveSpeedAI's routes for jobs (docs/vendor-contracts.md, sections 1.2 to 1.7)."""

import base64

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.bad_responses import faulty_response
from apps.sandbox.context import (
    SandboxContext,
    base_url_of,
    encodable,
    json_error,
    read_body,
    read_object,
)
from apps.sandbox.fault_injection import InjectedFault, UnknownFault
from apps.sandbox.faults import TASK_CODES, Stage
from apps.sandbox.job_views import answer_poll, view_job
from apps.sandbox.jobs import Job, NewOrder
from apps.sandbox.store import OutOfCredit, RateLimited
from apps.sandbox.wavespeed.answers import base64_view, envelope, prediction
from apps.sandbox.wavespeed.orders import BadOrder, drawing_of, parse_order, price_of
from apps.sandbox.wavespeed.search import page_of, parse_query

CONTRACT = "wavespeed"
NO_CREDIT = "Insufficient credits. Please top up your account."
# The one documented error of another form (docs/vendor-contracts.md, section 1.6).
NO_BASE64 = {
    "error": "webhook callback does not support base64 output, use an output address instead"
}
MAX_DELETED_PER_REQUEST = 100


async def submit(context: SandboxContext, request: Request) -> Response:
    """Accept an order; it is stored and charged before the answer."""
    try:
        inputs = parse_order(await read_body(request))
    except BadOrder as error:
        return json_error(400, str(error))
    webhook_url = request.query_params.get("webhook", "")
    if webhook_url and inputs.get("enable_base64_output"):
        return JSONResponse(NO_BASE64, status_code=400)
    return await run_in_threadpool(_submit, context, inputs, webhook_url, base_url_of(request))


def _submit(
    context: SandboxContext,
    inputs: dict[str, str | int | float | bool],
    webhook_url: str,
    base_url: str,
) -> Response:
    drawing, image = drawing_of(inputs), str(inputs["image"])
    try:
        faults = context.faults_for(str(drawing["prompt"]), image, CONTRACT)
    except UnknownFault as error:
        return json_error(400, str(error))
    price = price_of(inputs)
    assert price is not None, "a checked order has a price"  # noqa: S101
    order = NewOrder(
        contract=CONTRACT,
        reference=image,
        input=inputs,
        drawing=drawing,
        price=price,
        base_url=base_url,
        webhook_url=webhook_url,
        faults=faults,
    )
    if injected := context.refusal_fault(order):
        return _refusal_response(injected)
    try:
        job = context.accept(order)
    except OutOfCredit:
        return json_error(402, NO_CREDIT)
    except RateLimited:
        return json_error(429, "Rate limit exceeded, please wait a minute.")
    accepted = JSONResponse(envelope(prediction(view_job(context, job, base_url), base_url)))
    bad = next((injected for injected in faults if injected.fault.stage is Stage.ACCEPTED), None)
    return faulty_response(bad, accepted, json_error) if bad else accepted


def _refusal_response(injected: InjectedFault) -> Response:
    refusals = {
        "refuse": (400, "The order is refused."),
        "unauthorised": (401, "missing or invalid API key"),
        "no_credit": (injected.http_status(402), NO_CREDIT),
        "moderated": (400, TASK_CODES[1200]),
    }
    if injected.fault.action in refusals:
        return json_error(*refusals[injected.fault.action])
    return faulty_response(
        injected, JSONResponse(envelope({"id": "0" * 32, "status": "created"})), json_error
    )


async def result(context: SandboxContext, request: Request) -> Response:
    """Return one job; always 200 where the job is known."""
    job = await context.requested_job(request, CONTRACT)
    if job is None:
        raise HTTPException(404, "prediction not found")

    async def normal_response() -> Response:
        return JSONResponse(
            await run_in_threadpool(_prediction_body, context, job, base_url_of(request))
        )

    return await answer_poll(context, [job], normal_response, json_error)


def _prediction_body(context: SandboxContext, job: Job, base_url: str) -> dict[str, object]:
    view = view_job(context, job, base_url)
    if view.clip_urls and job.input.get("enable_base64_output"):
        view = base64_view(
            job, base64.b64encode(context.paths.clip_of(job.id).read_bytes()).decode()
        )
    return envelope(prediction(view, base_url))


async def search(context: SandboxContext, request: Request) -> Response:
    """Return one page of jobs, newest first."""
    try:
        query = parse_query(await read_object(request), now=context.clock.now())
    except BadOrder as error:
        return json_error(400, str(error))
    total, jobs = await run_in_threadpool(
        context.store.page, query.where, limit=query.size, skip=query.skip
    )

    async def normal_response() -> Response:
        page = await run_in_threadpool(
            page_of, context, jobs, total, base_url_of(request), query.page
        )
        return JSONResponse(envelope(page))

    return await answer_poll(context, jobs, normal_response, json_error)


async def delete(context: SandboxContext, request: Request) -> Response:
    """Delete jobs and their clips for good."""
    ids = (await read_object(request)).get("ids")
    if (
        not isinstance(ids, list)
        or not ids
        or len(ids) > MAX_DELETED_PER_REQUEST
        or not all(isinstance(i, str) for i in ids)
    ):
        return json_error(400, f"ids must be a list of 1 to {MAX_DELETED_PER_REQUEST} ids.")
    deleted_ids = await run_in_threadpool(context.store.delete, [encodable(one) for one in ids])
    await run_in_threadpool(context.paths.remove, deleted_ids)
    return JSONResponse(envelope({"deleted_count": len(deleted_ids)}))

"""CometAPI's routes (docs/vendor-contracts.md, sections 3.2 to 3.7)."""

from collections.abc import Sequence
from decimal import Decimal
from secrets import token_hex

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.bad_responses import faulty_response
from apps.sandbox.comet.answers import MODERATED, error_response, relay_error, submit_response, task
from apps.sandbox.comet.orders import BadOrder, ParsedOrder, decode_data_url, parse_order
from apps.sandbox.context import SandboxContext, base_url_of, encodable, read_object
from apps.sandbox.fault_injection import InjectedFault, UnknownFault
from apps.sandbox.faults import Stage
from apps.sandbox.job_views import answer_poll, view_job
from apps.sandbox.jobs import Job, NewOrder
from apps.sandbox.store import OutOfCredit, RateLimited
from apps.sandbox.uploads import store_upload, upload_url

CONTRACT = "comet"
# The price of `mj_fast_video` (docs/vendor-contracts.md, section 3.1). No price is known for relax
# and turbo, so that they cost the same here.
PRICE = Decimal("0.6")
# A picture of 20 MB becomes a third larger in base64.
MAX_BODY_BYTES = 40_000_000
MAX_PICTURE_BYTES = 20_000_000
MAX_PICTURES = 4
CANCELLED = "取消任务"


async def submit(context: SandboxContext, request: Request) -> Response:
    """Accept an order; it is stored and charged before the answer."""
    try:
        parsed = parse_order(await read_object(request, max_bytes=MAX_BODY_BYTES))
        return await run_in_threadpool(_submit, context, parsed, base_url_of(request))
    except BadOrder as error:
        answer = submit_response(error.code, words=str(error))
        answer.status_code = error.status
        return answer


def _submit(context: SandboxContext, parsed: ParsedOrder, base_url: str) -> Response:
    _check_parent(context, parsed)
    # Without a state nothing identifies an order, so that it gets a reference that nobody knows.
    reference = parsed.state or f"unmarked-{token_hex(16)}"
    try:
        faults = context.faults_for(parsed.prompt, reference, CONTRACT)
    except UnknownFault as error:
        raise BadOrder(str(error)) from None
    order = NewOrder(
        contract=CONTRACT,
        reference=reference,
        input=parsed.input,
        drawing=parsed.drawing | _picture_place(context, parsed),
        price=PRICE,
        base_url=base_url,
        clips=parsed.clips,
        webhook_url=parsed.webhook_url,
        faults=faults,
    )
    if injected := context.refusal_fault(order):
        return _refusal_response(injected, parsed.prompt)
    try:
        job = context.accept(order)
    except OutOfCredit:
        return relay_error("quota_not_enough")
    except RateLimited:
        return submit_response(30)
    return _accepted_response(job, parsed.prompt)


def _accepted_response(job: Job, prompt: str) -> Response:
    bad = next(
        (injected for injected in job.faults if injected.fault.stage is Stage.ACCEPTED), None
    )
    if bad and bad.fault.action == "code":
        return submit_response(int(bad.text("code")), result=job.id, prompt=prompt)
    normal_response = submit_response(1, result=job.id, prompt=prompt)
    return faulty_response(bad, normal_response, error_response) if bad else normal_response


def _refusal_response(injected: InjectedFault, prompt: str) -> Response:
    match injected.fault.action:
        case "code":
            return submit_response(int(injected.fault.options["code"]), prompt=prompt)
        case "refuse":
            return error_response(400, "The order is refused.")
        case "unauthorised":
            return error_response(401, "Invalid token")
        case "no_credit":
            return relay_error("quota_not_enough")
        case "moderated":
            return submit_response(24, prompt=prompt, words=MODERATED)
    return faulty_response(injected, submit_response(1, result="0", prompt=prompt), error_response)


def _check_parent(context: SandboxContext, parsed: ParsedOrder) -> None:
    if not parsed.parent:
        return
    parent = context.visible_job(context.store.find(parsed.parent), CONTRACT)
    if parent is None:
        raise BadOrder("关联任务不存在或已失效", code=3, status=404)
    if not parent.is_done:
        raise BadOrder("关联任务状态错误")
    if parsed.index >= parent.clips:
        raise BadOrder(f"index must be from 0 to {parent.clips - 1}")


def _picture_place(context: SandboxContext, parsed: ParsedOrder) -> dict[str, str]:
    """Return the picture's place: the customer's address, or our file of a picture in the body."""
    if isinstance(parsed.picture, bytes):
        if len(parsed.picture) > MAX_PICTURE_BYTES:
            raise BadOrder("image is too large")
        upload = context.key_value.create_upload(
            "image", "application/octet-stream", len(parsed.picture), now=context.clock.now()
        )
        store_upload(context, upload, parsed.picture)
        return {"upload": upload.id}
    return {"image": parsed.picture} if parsed.picture else {}


async def fetch(context: SandboxContext, request: Request) -> Response:
    """Return one task."""
    job = await context.requested_job(request, CONTRACT)
    if job is None:
        return error_response(404, "")

    async def normal_response() -> Response:
        return JSONResponse(
            (await run_in_threadpool(_tasks, context, [job], base_url_of(request)))[0]
        )

    return await answer_poll(context, [job], normal_response, error_response)


async def search(context: SandboxContext, request: Request) -> Response:
    """Return many tasks in a bare list without unknown ones; its order means nothing."""
    ids = (await read_object(request)).get("ids")
    wanted = [encodable(str(one)) for one in ids[:1000]] if isinstance(ids, list) else []
    jobs = await run_in_threadpool(context.store.find_many, CONTRACT, wanted)

    async def normal_response() -> Response:
        listed = [job for job in jobs if not job.fault("list_misses")]
        tasks = await run_in_threadpool(_tasks, context, listed, base_url_of(request), in_list=True)
        if any(job.fault("list_shuffled") for job in jobs):
            tasks.reverse()
        return JSONResponse(tasks)

    return await answer_poll(context, jobs, normal_response, error_response)


def _tasks(
    context: SandboxContext, jobs: Sequence[Job], base_url: str, *, in_list: bool = False
) -> list[dict[str, object]]:
    return [task(view_job(context, job, base_url, in_list=in_list), base_url) for job in jobs]


async def upload(context: SandboxContext, request: Request) -> Response:
    """Store pictures and return their addresses."""
    given = (await read_object(request, max_bytes=MAX_BODY_BYTES)).get("base64Array")
    given = given if isinstance(given, list) else []
    pictures = [decode_data_url(one) if isinstance(one, str) else None for one in given]
    if not 0 < len(pictures) <= MAX_PICTURES or not all(pictures):
        return submit_response(4, words="base64Array is not valid")
    content_types = [one[5:].partition(";")[0].lower() for one in given]
    addresses = [
        await run_in_threadpool(
            _store_picture, context, content_type, picture or b"", base_url_of(request)
        )
        for content_type, picture in zip(content_types, pictures, strict=True)
    ]
    return JSONResponse({"code": 1, "description": "success", "result": addresses})


def _store_picture(
    context: SandboxContext, content_type: str, picture: bytes, base_url: str
) -> str:
    suffix = content_type.rpartition("/")[2]
    upload = context.key_value.create_upload(
        f"image.{suffix}", content_type, len(picture), now=context.clock.now()
    )
    store_upload(context, upload, picture)
    return upload_url(upload, base_url)


async def cancel(context: SandboxContext, request: Request) -> Response:
    """Cancel a task if the settings allow it; no page of CometAPI's has this."""
    if not context.settings.allow_cancel:
        raise HTTPException(404, "Invalid URL")
    job = await context.requested_job(request, CONTRACT)
    if job is None:
        return error_response(404, "")
    await run_in_threadpool(
        context.store.end, job.id, status="failed", code=0, error=CANCELLED, now=context.clock.now()
    )
    return Response(status_code=200)


async def image(context: SandboxContext, request: Request) -> Response:
    """Redirect from a task's stable address to its first clip.

    Source: docs/vendor-contracts.md, section 3.4.
    """
    job = await context.requested_job(request, CONTRACT)
    if job is None or not job.is_done:
        return error_response(404, "")
    return Response(
        status_code=302, headers={"Location": f"{base_url_of(request)}/outputs/{job.id}/0.mp4"}
    )

"""Comet's doors (vendor contracts 3.2 to 3.7)."""

from collections.abc import Sequence
from decimal import Decimal
from secrets import token_hex

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.calling import Called, UnknownFault
from apps.sandbox.comet.answers import MODERATED, refusal, relay_error, submitted, task
from apps.sandbox.comet.orders import BadOrder, Read, inline_picture, read_order
from apps.sandbox.desk import Desk, base_of, object_of, storable
from apps.sandbox.faults import Where
from apps.sandbox.jobs import Job, NewOrder
from apps.sandbox.looks import looked, sight_of
from apps.sandbox.store import NoCredit, TooMany
from apps.sandbox.uploads import address_of, keep
from apps.sandbox.wild import twisted

CONTRACT = "comet"
# `mj_fast_video` (contracts 3.1). No price is known for relax and turbo, so that they cost the same
# here.
PRICE = Decimal("0.6")
LARGEST_BODY = 40_000_000  # a picture of 20 MB inside the body is a third larger there
LARGEST_PICTURE = 20_000_000
MOST_PICTURES = 4
CANCELLED = "取消任务"


async def submit(desk: Desk, request: Request) -> Response:
    """Take an order: written down and charged before it is answered."""
    try:
        read = read_order(await object_of(request, largest=LARGEST_BODY))
        return await run_in_threadpool(_submitted, desk, read, base_of(request))
    except BadOrder as error:
        answer = submitted(error.code, words=str(error))
        answer.status_code = error.status
        return answer


def _submitted(desk: Desk, read: Read, base: str) -> Response:
    _insist_on_parent(desk, read)
    # Without a state nothing tells one order from another: each then has a mark of its own that
    # nobody knows.
    mark = read.state or f"unmarked-{token_hex(16)}"
    try:
        faults = desk.faults_of(read.prompt, mark, CONTRACT)
    except UnknownFault as error:
        raise BadOrder(str(error)) from None
    order = NewOrder(
        contract=CONTRACT,
        mark=mark,
        input=read.input,
        wish=read.wish | _image(desk, read),
        price=PRICE,
        base=base,
        clips=read.clips,
        hook=read.hook,
        faults=faults,
    )
    if called := desk.refusing(order):
        return _refused(called, read.prompt)
    try:
        job = desk.take(order)
    except NoCredit:
        return relay_error("quota_not_enough")
    except TooMany:
        return submitted(30)
    return _taken(job, read.prompt)


def _taken(job: Job, prompt: str) -> Response:
    bad = next((called for called in job.faults if called.fault.where is Where.TAKEN), None)
    if bad and bad.fault.act == "code":
        return submitted(int(bad.word("code")), result=job.id, prompt=prompt)
    honest = submitted(1, result=job.id, prompt=prompt)
    return twisted(bad, honest, refusal) if bad else honest


def _refused(called: Called, prompt: str) -> Response:
    match called.fault.act:
        case "code":
            return submitted(int(called.fault.options["code"]), prompt=prompt)
        case "refuse":
            return refusal(400, "The order is refused.")
        case "unauthorised":
            return refusal(401, "Invalid token")
        case "no_credit":
            return relay_error("quota_not_enough")
        case "moderated":
            return submitted(24, prompt=prompt, words=MODERATED)
    return twisted(called, submitted(1, result="0", prompt=prompt), refusal)


def _insist_on_parent(desk: Desk, read: Read) -> None:
    if not read.parent:
        return
    parent = desk.has(desk.store.find(read.parent), CONTRACT)
    if parent is None:
        raise BadOrder("关联任务不存在或已失效", code=3, status=404)
    if not parent.is_done:
        raise BadOrder("关联任务状态错误")
    if read.index >= parent.clips:
        raise BadOrder(f"index must be from 0 to {parent.clips - 1}")


def _image(desk: Desk, read: Read) -> dict[str, str]:
    """Return where the picture is: a customer's address, or a file of our own where it came in the body."""
    if isinstance(read.picture, bytes):
        if len(read.picture) > LARGEST_PICTURE:
            raise BadOrder("image is too large")
        upload = desk.notes.announce(
            "image", "application/octet-stream", len(read.picture), now=desk.clock.now()
        )
        keep(desk, upload, read.picture)
        return {"upload": upload.id}
    return {"image": read.picture} if read.picture else {}


async def fetch(desk: Desk, request: Request) -> Response:
    """Tell of one task."""
    job = await desk.asked_for(request, CONTRACT)
    if job is None:
        return refusal(404, "")

    async def honest() -> Response:
        return JSONResponse((await run_in_threadpool(_tasks, desk, [job], base_of(request)))[0])

    return await looked(desk, [job], honest, refusal)


async def search(desk: Desk, request: Request) -> Response:
    """Tell of many tasks in one bare list; unknown ones are left out, and the order says nothing."""
    ids = (await object_of(request)).get("ids")
    wanted = [storable(str(one)) for one in ids[:1000]] if isinstance(ids, list) else []
    jobs = await run_in_threadpool(desk.store.among, CONTRACT, wanted)

    async def honest() -> Response:
        shown = [job for job in jobs if not job.called("list_misses")]
        told = await run_in_threadpool(_tasks, desk, shown, base_of(request), in_list=True)
        if any(job.called("list_shuffled") for job in jobs):
            told.reverse()
        return JSONResponse(told)

    return await looked(desk, jobs, honest, refusal)


def _tasks(
    desk: Desk, jobs: Sequence[Job], base: str, *, in_list: bool = False
) -> list[dict[str, object]]:
    return [task(sight_of(desk, job, base, in_list=in_list), base) for job in jobs]


async def upload(desk: Desk, request: Request) -> Response:
    """Keep pictures, and answer with the addresses at which they are handed out."""
    given = (await object_of(request, largest=LARGEST_BODY)).get("base64Array")
    given = given if isinstance(given, list) else []
    pictures = [inline_picture(one) if isinstance(one, str) else None for one in given]
    if not 0 < len(pictures) <= MOST_PICTURES or not all(pictures):
        return submitted(4, words="base64Array is not valid")
    kinds = [one[5:].partition(";")[0].lower() for one in given]
    addresses = [
        await run_in_threadpool(_kept, desk, kind, picture or b"", base_of(request))
        for kind, picture in zip(kinds, pictures, strict=True)
    ]
    return JSONResponse({"code": 1, "description": "success", "result": addresses})


def _kept(desk: Desk, kind: str, picture: bytes, base: str) -> str:
    ending = kind.rpartition("/")[2]
    upload = desk.notes.announce(f"image.{ending}", kind, len(picture), now=desk.clock.now())
    keep(desk, upload, picture)
    return address_of(upload, base)


async def cancel(desk: Desk, request: Request) -> Response:
    """Stop a task, where this sandbox was told to allow it; no document of Comet's does."""
    if not desk.settings.allow_cancel:
        raise HTTPException(404, "Invalid URL")
    job = await desk.asked_for(request, CONTRACT)
    if job is None:
        return refusal(404, "")
    await run_in_threadpool(
        desk.store.end, job.id, status="failed", code=0, error=CANCELLED, now=desk.clock.now()
    )
    return Response(status_code=200)


async def image(desk: Desk, request: Request) -> Response:
    """Lead from the gateway's stable address of a task to its first clip, as trueai has it (contracts 3.4)."""
    job = await desk.asked_for(request, CONTRACT)
    if job is None or not job.is_done:
        return refusal(404, "")
    return Response(
        status_code=302, headers={"Location": f"{base_of(request)}/outputs/{job.id}/0.mp4"}
    )

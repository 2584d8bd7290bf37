"""Handing out clips to whoever has their address, well or badly."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from apps.sandbox.calling import Called
from apps.sandbox.desk import Desk, plain
from apps.sandbox.faults import PRIVATE, Where
from apps.sandbox.jobs import Job
from apps.sandbox.wild import PAGE, Drip, Endless, Half, Overlong

MP4 = "video/mp4"
NO_CLIP = b"This is no video, whatever its name and its type say.\n" * 40


async def clip(desk: Desk, request: Request) -> Response:
    """Hand out one clip of a job."""
    number: int = request.path_params["number"]
    job = await run_in_threadpool(desk.store.find, request.path_params["job_id"])
    if job is None or not job.is_done or number >= job.clips or not desk.has(job, job.contract):
        raise HTTPException(404, "no such output")
    if job.called("clip_expires") and request.query_params.get("look") == "first":
        raise HTTPException(403, "Request has expired")
    called = await run_in_threadpool(_due, desk, job, number) if job.faults else None
    place = desk.places.clip_of(job.id, number)
    if called is None:
        return FileResponse(place, media_type=MP4)
    return _broken(called, Response(await run_in_threadpool(place.read_bytes), media_type=MP4))


def _due(desk: Desk, job: Job, number: int) -> Called | None:
    for called in job.faults:
        if called.fault.where is not Where.CLIP or called.word("clip") not in {"", str(number)}:
            continue
        if called.fault.act != "expires" and desk.notes.bite(
            f"{job.id}/{number}", called.name, called.times
        ):
            return called
    return None


def _broken(called: Called, whole: Response) -> Response:
    act, content = called.fault.act, bytes(whole.body)
    if act in {"404", "server_error"}:
        return plain(404, "no such output") if act == "404" else plain(500, "internal error")
    if act in {"huge", "endless"}:
        return Endless(content, promised=act == "huge")
    return BROKEN[act](called, whole)


BROKEN: dict[str, Callable[[Called, Response], Response]] = {
    "truncated": lambda _called, whole: Half(whole),
    "cut": lambda _called, whole: Half(whole, abort=True),
    "short": lambda _called, whole: Overlong(whole),
    "html": lambda _called, _whole: HTMLResponse(PAGE),
    "text": lambda _called, _whole: Response(NO_CLIP, media_type=MP4),
    "redirect_private": lambda _called, _whole: Response(
        status_code=302, headers={"Location": PRIVATE}
    ),
    "drip": lambda called, whole: Drip(whole, seconds=called.number("seconds")),
}

"""Downloads of clips, normal or with an injected fault."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from apps.sandbox.bad_responses import (
    HTML_PAGE,
    EndlessResponse,
    SlowResponse,
    TruncatedResponse,
    WrongLengthResponse,
)
from apps.sandbox.context import SandboxContext, json_error
from apps.sandbox.fault_injection import InjectedFault
from apps.sandbox.faults import PRIVATE_URL, Stage
from apps.sandbox.jobs import Job

MP4 = "video/mp4"
NO_CLIP = b"This is no video, whatever its name and its type say.\n" * 40


async def download_clip(context: SandboxContext, request: Request) -> Response:
    """Send one clip of a job to everybody who has its address."""
    number: int = request.path_params["number"]
    job = await run_in_threadpool(context.store.find, request.path_params["job_id"])
    is_visible = job is not None and context.visible_job(job, job.contract) is not None
    if job is None or not is_visible or not job.is_done or number >= job.clips:
        raise HTTPException(404, "no such output")
    if job.fault("clip_expires") and request.query_params.get("poll") == "first":
        raise HTTPException(403, "Request has expired")
    injected = await run_in_threadpool(_firing_fault, context, job, number) if job.faults else None
    path = context.paths.clip_of(job.id, number)
    if injected is None:
        return FileResponse(path, media_type=MP4)
    content = await run_in_threadpool(path.read_bytes)
    return _bad_download(injected, Response(content, media_type=MP4))


def _firing_fault(context: SandboxContext, job: Job, number: int) -> InjectedFault | None:
    for injected in job.faults:
        is_download = injected.fault.stage is Stage.CLIP and injected.fault.action != "expires"
        if not is_download or injected.text("clip") not in {"", str(number)}:
            continue
        if context.key_value.fire(f"{job.id}/{number}", injected.name, injected.times):
            return injected
    return None


def _bad_download(injected: InjectedFault, whole: Response) -> Response:
    action = injected.fault.action
    if action == "404":
        return json_error(404, "no such output")
    if action == "server_error":
        return json_error(500, "internal error")
    if action in {"huge", "endless"}:
        return EndlessResponse(bytes(whole.body), has_length=action == "huge")
    return BAD_DOWNLOADS[action](injected, whole)


BAD_DOWNLOADS: dict[str, Callable[[InjectedFault, Response], Response]] = {
    "truncated": lambda _injected, whole: TruncatedResponse(whole),
    "cut": lambda _injected, whole: TruncatedResponse(whole, resets=True),
    "short": lambda _injected, whole: WrongLengthResponse(whole),
    "html": lambda _injected, _whole: HTMLResponse(HTML_PAGE),
    "text": lambda _injected, _whole: Response(NO_CLIP, media_type=MP4),
    "redirect_private": lambda _injected, _whole: Response(
        status_code=302, headers={"Location": PRIVATE_URL}
    ),
    "drip": lambda injected, whole: SlowResponse(whole, seconds=injected.number("seconds")),
}

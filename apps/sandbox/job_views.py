"""The job as an API response, altered by its injected faults."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from apps.sandbox.bad_responses import ErrorResponder, faulty_response
from apps.sandbox.context import SandboxContext
from apps.sandbox.fault_injection import InjectedFault
from apps.sandbox.faults import Stage
from apps.sandbox.jobs import Job

UNKNOWN_STATUS = "brewing"
LATE_FAILURE = "Task failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as one response shows it."""

    job: Job
    clip_urls: tuple[str, ...] = ()
    status: str = ""  # replaces the job's own status where it is not empty
    has_odd_shapes: bool = False
    drawn_clips: int = 0


def view_job(context: SandboxContext, job: Job, base_url: str, *, in_list: bool = False) -> JobView:
    """Return the view of a job for one response, and count the faults that fire in it."""
    firing = {
        injected.name
        for injected in job.faults
        if injected.fault.action == "view" and _fires(context, job, injected)
    }
    if job.is_done and "late_result" in firing:
        job = replace(job, status="failed", code=5000, error=LATE_FAILURE)
    hides_clips = not firing.isdisjoint({"no_urls", "unknown_word"}) or (
        in_list and "list_no_outputs" in firing
    )
    return JobView(
        job=job,
        clip_urls=() if hides_clips or not job.is_done else clip_urls(context, job, base_url),
        status=UNKNOWN_STATUS if "unknown_word" in firing else "",
        has_odd_shapes="odd_shapes" in firing,
        drawn_clips=context.paths.count_clips(job.id) if job.status == "processing" else 0,
    )


def clip_urls(context: SandboxContext, job: Job, base_url: str) -> tuple[str, ...]:
    """Return the addresses of a job's clips; those that expire say which poll they came with."""
    query = ""
    if expires := job.fault("clip_expires"):
        is_first = context.key_value.fire(job.id, "clip_expires", expires.times)
        query = "?poll=first" if is_first else "?poll=later"
    return tuple(f"{base_url}/outputs/{job.id}/{number}.mp4{query}" for number in range(job.clips))


async def answer_poll(
    context: SandboxContext,
    jobs: Sequence[Job],
    normal_response: Callable[[], Awaitable[Response]],
    error_response: ErrorResponder,
) -> Response:
    """Return the response to a poll for some jobs; a bad one where a fault of theirs fires."""
    has_faults = any(job.faults for job in jobs)
    injected = await run_in_threadpool(_firing_fault, context, jobs) if has_faults else None
    response = await normal_response()
    return faulty_response(injected, response, error_response) if injected else response


def _firing_fault(context: SandboxContext, jobs: Sequence[Job]) -> InjectedFault | None:
    """Return the fault of this poll; one bad response counts for every job that has this fault."""
    firing: InjectedFault | None = None
    for job in jobs:
        for injected in job.faults:
            if injected.fault.stage is not Stage.POLL or injected.fault.action == "view":
                continue
            is_candidate = firing is None or injected.name == firing.name
            if is_candidate and _fires(context, job, injected):
                firing = injected
    return firing


def _fires(context: SandboxContext, job: Job, injected: InjectedFault) -> bool:
    # These two are visible only at the end, so that earlier polls must not count.
    if injected.name in {"late_result", "no_urls"} and not job.is_done:
        return False
    return context.key_value.fire(job.id, injected.name, injected.times)

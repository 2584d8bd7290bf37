"""How a job looks to who asks: as it is, or as its faults have it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from apps.sandbox.calling import Called
from apps.sandbox.desk import Desk
from apps.sandbox.faults import Where
from apps.sandbox.jobs import Job
from apps.sandbox.wild import Refusal, twisted

UNKNOWN_WORD = "brewing"
LATE_FAILURE = "Task failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A job as one look has it: the addresses of its clips, and what is odd about the telling."""

    job: Job
    addresses: tuple[str, ...] = ()
    word: str = ""  # in the place of the status
    is_odd: bool = False
    drawn: int = 0


def sight_of(desk: Desk, job: Job, base: str, *, in_list: bool = False) -> Sight:
    """Look at a job once; faults that heal are counted here."""
    biting = {
        called.name
        for called in job.faults
        if called.fault.act == "tell" and _bites(desk, job, called)
    }
    if job.is_done and "late_result" in biting:
        job = replace(job, status="failed", code=5000, error=LATE_FAILURE)
    hides = not biting.isdisjoint({"no_urls", "unknown_word"}) or (
        in_list and "list_no_outputs" in biting
    )
    return Sight(
        job=job,
        addresses=() if hides or not job.is_done else addresses_of(desk, job, base),
        word=UNKNOWN_WORD if "unknown_word" in biting else "",
        is_odd="odd_shapes" in biting,
        drawn=desk.places.drawn(job.id) if job.status == "processing" else 0,
    )


def addresses_of(desk: Desk, job: Job, base: str) -> tuple[str, ...]:
    """Return where the clips are; addresses that expire carry whether they are the first ones."""
    expires = job.called("clip_expires")
    if expires:
        mark = (
            "?look=first"
            if desk.notes.bite(job.id, "clip_expires", expires.times)
            else "?look=later"
        )
    else:
        mark = ""
    return tuple(f"{base}/outputs/{job.id}/{number}.mp4{mark}" for number in range(job.clips))


async def looked(
    desk: Desk, jobs: Sequence[Job], honest: Callable[[], Awaitable[Response]], refusal: Refusal
) -> Response:
    """Answer a look at some jobs, badly where one of them has such a fault and it is due."""
    called = await run_in_threadpool(_due, desk, jobs) if any(job.faults for job in jobs) else None
    return twisted(called, await honest(), refusal) if called else await honest()


def _due(desk: Desk, jobs: Sequence[Job]) -> Called | None:
    """Return the fault this look has; one bad answer counts for every job in it that has the same fault."""
    found: Called | None = None
    for job in jobs:
        for called in job.faults:
            if called.fault.where is not Where.LOOK or called.fault.act == "tell":
                continue
            if (found is None or called.name == found.name) and _bites(desk, job, called):
                found = called
    return found


def _bites(desk: Desk, job: Job, called: Called) -> bool:
    # What can only be seen at the end is not used up before it.
    if called.name in {"late_result", "no_urls"} and not job.is_done:
        return False
    return desk.notes.bite(job.id, called.name, called.times)

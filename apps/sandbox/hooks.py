"""Which calls to a customer follow from a job's new status (vendor contracts 1.10 and 3.7)."""

from dataclasses import dataclass

from apps.sandbox.jobs import RUNNING, Job

HONEST, FORGED, REPLAYED = "honest", "forged", "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to make: what it is, and how many seconds from now by the sandbox's clock."""

    kind: str = HONEST
    delay: float = 0.0


def calls_of(job: Job) -> list[Call]:
    """Return the calls that a job's status asks for, crooked where the job has such a fault."""
    # WaveSpeed calls once, at the end; Comet at every change.
    if (
        not job.hook
        or (job.contract == "wavespeed" and job.status in RUNNING)
        or job.called("hook_never")
    ):
        return []
    late = job.called("hook_late")
    delay = late.number("seconds") if late else 0.0
    if job.called("hook_forged"):
        return [Call(kind=FORGED, delay=delay)]
    if job.called("hook_replayed"):
        return [Call(kind=REPLAYED, delay=delay)]
    times = 2 if job.called("hook_duplicate") else 1
    return [Call(delay=delay)] * times

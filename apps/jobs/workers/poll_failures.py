"""Polls that failed, and later polls of jobs that have ended."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.jobs.models import Job
from apps.jobs.models.lanes import bounded_retry_after
from apps.jobs.models.vendor_side import PATIENCE_FACTOR
from apps.jobs.parts import predecessor_ended
from apps.jobs.poll_schedule import retry_pause
from apps.jobs.states import ENDED, State
from apps.jobs.workers import money
from apps.vendors.errors import JobNotFound, TryLater, VendorError

# A vendor may not know a job it has just accepted (docs/vendor-contracts.md, section 3.4).
NOT_FOUND_GRACE = timedelta(seconds=60)
# In a row: one machine of a vendor may not know the jobs of the others. Also after weeks in which
# nothing ran here, a job is polled more than once.
NOT_FOUND_POLLS = 5
# Failures added for the pause, which then begins at 16 s: a vendor that restarts may know no job
# for minutes.
NOT_FOUND_BACKOFF_FAILURES = 4
# Polls of a job that ended without a clip: the vendor may still finish it.
LATER_POLL_PAUSES = [
    timedelta(minutes=2),
    timedelta(minutes=20),
    timedelta(hours=6),
    timedelta(days=2),
]


def first_later_poll() -> dict[str, Any]:
    """Return the changes that schedule the first poll after a job's end."""
    return {"later_polls": 1, "next_step_at": timezone.now() + LATER_POLL_PAUSES[0]}


def schedule_later_poll(jobs: Iterable[int]) -> None:
    """Schedule the next poll of ended jobs: a vendor may finish a job that it called failed."""
    for job in Job.objects.filter(pk__in=jobs, state__in=ENDED, next_step_at__isnull=False):
        left = LATER_POLL_PAUSES[job.later_polls :]
        job.note(
            later_polls=job.later_polls + 1, next_step_at=timezone.now() + left[0] if left else None
        )


@transaction.atomic
def record_poll_failure(job: Job, fault: VendorError) -> None:
    """Note a failed poll and schedule the next; a paid job is polled until it must be gone."""
    words: dict[str, Any] = {"reason": str(fault), "vendor_message": fault.vendor_message}
    if job.poll_failures + 1 >= NOT_FOUND_POLLS and _is_over(job, fault):
        again = first_later_poll() if isinstance(fault, JobNotFound) else {}
        if job.move(State.FAILED, **words | again):
            money.charge_lost(job, str(fault))
            predecessor_ended(job)
        return
    asked = getattr(fault, "retry_after", None)
    slower = (
        NOT_FOUND_BACKOFF_FAILURES if isinstance(fault, JobNotFound) and _is_over(job, fault) else 0
    )
    pause = bounded_retry_after(asked) or retry_pause(job.poll_failures + slower)
    job.note(poll_failures=job.poll_failures + 1, next_step_at=timezone.now() + pause, **words)


def _is_over(job: Job, fault: VendorError) -> bool:
    """Whether the vendor has lost the job: it says so, or its retention is over."""
    elapsed = timezone.now() - (job.accepted_at or job.created_at)
    patience = PATIENCE_FACTOR if isinstance(fault, TryLater) else 1
    return elapsed > (
        NOT_FOUND_GRACE if isinstance(fault, JobNotFound) else job.retention * patience
    )

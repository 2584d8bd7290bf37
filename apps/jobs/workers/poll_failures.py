"""Polls that failed, and later polls of jobs that have ended."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.jobs.models import Job
from apps.jobs.models.lanes import bounded_retry_after
from apps.jobs.models.vendor_side import PATIENCE
from apps.jobs.parts import predecessor_ended
from apps.jobs.poll_schedule import retry_pause
from apps.jobs.states import ENDED, State
from apps.jobs.workers import money
from apps.vendors.errors import JobNotFound, TryLater, VendorError

# A vendor may not know a job it has just taken (docs/vendor-contracts.md, section 3.4).
GRACE = timedelta(seconds=60)
# In a row: one machine of a vendor's may not know what the others know, and whoever comes late,
# because nothing ran here for weeks, asks more than once all the same.
NOT_FOUND_POLLS = 5
# From 16 s on instead of 1 s: a vendor that starts anew may know nobody's jobs for minutes.
NOT_FOUND_BACKOFF = 4
# How long after an end without a clip the vendor is asked whether that was its last word.
LATER_POLL_PAUSES = [
    timedelta(minutes=2),
    timedelta(minutes=20),
    timedelta(hours=6),
    timedelta(days=2),
]


def first_later_poll() -> dict[str, Any]:
    """Return when to ask for the first time whether an end was the vendor's last word."""
    return {"later_polls": 1, "next_step_at": timezone.now() + LATER_POLL_PAUSES[0]}


def schedule_later_poll(jobs: Iterable[int]) -> None:
    """Note when to ask again about jobs that have ended: a vendor may finish what it has called failed."""
    for job in Job.objects.filter(pk__in=jobs, state__in=ENDED, next_step_at__isnull=False):
        left = LATER_POLL_PAUSES[job.later_polls :]
        job.note(
            later_polls=job.later_polls + 1, next_step_at=timezone.now() + left[0] if left else None
        )


@transaction.atomic
def record_poll_failure(job: Job, fault: VendorError) -> None:
    """Keep watching whatever the trouble is: the job may be paid and finished. Only its end ends it."""
    words: dict[str, Any] = {"reason": str(fault), "vendor_words": fault.vendor_words}
    if job.poll_failures + 1 >= NOT_FOUND_POLLS and _is_over(job, fault):
        again = first_later_poll() if isinstance(fault, JobNotFound) else {}
        if job.move(State.FAILED, **words | again):
            money.charge_lost(job, str(fault))
            predecessor_ended(job)
        return
    asked = getattr(fault, "retry_after", None)
    slower = NOT_FOUND_BACKOFF if isinstance(fault, JobNotFound) and _is_over(job, fault) else 0
    pause = bounded_retry_after(asked) or retry_pause(job.poll_failures + slower)
    job.note(poll_failures=job.poll_failures + 1, next_step_at=timezone.now() + pause, **words)


def _is_over(job: Job, fault: VendorError) -> bool:
    """Whether the vendor has nothing for us any more: it says so, or must have forgotten the job by now."""
    elapsed = timezone.now() - (job.accepted_at or job.created_at)
    patience = PATIENCE if isinstance(fault, TryLater) else 1
    return elapsed > (GRACE if isinstance(fault, JobNotFound) else job.retention * patience)

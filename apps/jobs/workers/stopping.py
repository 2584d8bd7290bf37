"""Asking a vendor to stop a job, and saying honestly what came of it."""

import asyncio
from datetime import timedelta

from asgiref.sync import async_to_sync
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Job
from apps.jobs.states import State, StopAnswer
from apps.jobs.workers.reports import end_without_clip
from apps.vendors.errors import TryLater, Unsure
from apps.vendors.types import StopResult

AGAIN = timedelta(seconds=5)
SECONDS = 30.0  # a worker that waits longer is missing elsewhere
ANSWERS = {
    StopResult.STOPPED: StopAnswer.STOPPED,
    StopResult.TOO_LATE: StopAnswer.TOO_LATE,
    StopResult.UNSUPPORTED: StopAnswer.UNABLE,
}


def stop(job: Job) -> None:
    """Ask; a job goes on unless the vendor says that it has stopped."""
    if job.state != State.AT_VENDOR:
        _too_late(job)
        return
    lane = job.account.lane
    if lane.is_paused:
        job.note(stop_at=lane.paused_until)
        return
    try:
        answer = ANSWERS[async_to_sync(_ask_vendor)(job)]
    except (TryLater, Unsure) as trouble:  # asking twice stops no more than asking once
        lane.record_failure(str(trouble), retry_after=getattr(trouble, "retry_after", None))
        job.note(stop_at=timezone.now() + AGAIN, reason=str(trouble))
        return
    except DomainError as fault:
        answer = StopAnswer.UNABLE
        job.note(reason=str(fault))
    if answer == StopAnswer.STOPPED:
        end_without_clip(
            job, State.CANCELLED, stop_at=None, stop_answer=answer, done_at=timezone.now()
        )
    else:
        job.note(stop_at=None, stop_answer=answer)
        record("not_stopped", job, answer=str(answer))


def _too_late(job: Job) -> None:
    """Say that it ended by itself before the vendor could be asked."""
    asked = Job.objects.filter(pk=job.pk, stop_answer=StopAnswer.ASKED)
    asked.update(stop_answer=StopAnswer.TOO_LATE if job.done_at else "")
    Job.objects.filter(pk=job.pk).update(stop_at=None)


async def _ask_vendor(job: Job) -> StopResult:
    try:
        async with asyncio.timeout(SECONDS), job.account.vendor(job.schema_version) as vendor:
            return await vendor.stop(job.vendor_job_id)
    except TimeoutError:
        raise TryLater(_("%s takes too long to answer.") % job.account.offer.vendor_name) from None

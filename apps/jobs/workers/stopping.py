"""Asking a vendor to stop a job, and noting honestly what came of it."""

import asyncio
from datetime import timedelta

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Job, VendorRequest
from apps.jobs.states import RequestAnswer, State
from apps.jobs.workers.reports import end_without_clip
from apps.vendors.errors import TryLater, Unsure
from apps.vendors.types import StopResult

TRY_AGAIN_AFTER = timedelta(seconds=5)
TIMEOUT_SECONDS = 30.0  # a worker that waits longer is missing elsewhere
ANSWERS = {
    StopResult.STOPPED: RequestAnswer.DONE,
    StopResult.TOO_LATE: RequestAnswer.TOO_LATE,
    StopResult.UNSUPPORTED: RequestAnswer.UNABLE,
}


def stop(request: VendorRequest) -> None:
    """Ask the vendor; the job goes on unless the vendor says that it has stopped."""
    job, lane = request.job, request.job.account.lane
    if job.state != State.AT_VENDOR:
        _note_too_late(request)
        return
    if lane.is_paused and lane.paused_until:
        request.wait_until(lane.paused_until)
        return
    try:
        answer = ANSWERS[async_to_sync(_ask_vendor)(job)]
    except (TryLater, Unsure) as fault:  # asking twice stops no more than asking once
        lane.record_failure(str(fault), retry_after=getattr(fault, "retry_after", None))
        request.try_again_at(timezone.now() + TRY_AGAIN_AFTER)
        job.note(reason=str(fault))
        return
    except DomainError as fault:
        answer = RequestAnswer.UNABLE
        job.note(reason=str(fault))
    _note_answer(request, answer)


@transaction.atomic
def _note_answer(request: VendorRequest, answer: RequestAnswer) -> None:
    """Note what the vendor said; a job that ended meanwhile is left for the next try to tell."""
    job = request.job
    if answer != RequestAnswer.DONE:
        request.note_answer(answer)
        record("not_stopped", job, answer=str(answer))
    elif end_without_clip(job, State.CANCELLED, done_at=timezone.now()):
        request.note_answer(answer)


def _note_too_late(request: VendorRequest) -> None:
    """Note that the job ended before its vendor could be asked.

    Where the vendor had not finished it either, there was nothing to stop.
    """
    if request.job.done_at:
        request.note_answer(RequestAnswer.TOO_LATE)
    else:
        VendorRequest.objects.filter(pk=request.pk).unanswered().delete()


async def _ask_vendor(job: Job) -> StopResult:
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            job.account.vendor(job.schema_version) as vendor,
        ):
            return await vendor.stop(job.vendor_job_id)
    except TimeoutError:
        raise TryLater(_("%s takes too long to answer.") % job.account.offer.vendor_name) from None

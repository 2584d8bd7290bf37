"""Asking a vendor to delete its copy of a saved job: once per request, and never called a loss."""

import asyncio
from datetime import timedelta

import structlog
from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Job, VendorRequest
from apps.jobs.states import RequestAnswer
from apps.vendors.errors import JobNotFound, TryLater, Unsure

log = structlog.get_logger(__name__)

TRY_AGAIN_AFTER = timedelta(minutes=10)  # until the vendor deletes it by itself
TIMEOUT_SECONDS = 30.0  # a worker that waits longer is missing elsewhere


def delete_at_vendor(request: VendorRequest) -> None:
    """Ask the vendor; orders never wait because a vendor is slow to delete."""
    job, lane = request.job, request.job.account.lane
    if not request.is_unanswered:
        return
    if not job.is_deletable_at_vendor:
        _note_refusal(request, _("There is nothing to delete at the vendor any more."))
        return
    if lane.is_paused and lane.paused_until:
        request.wait_until(lane.paused_until)
        return
    try:
        is_gone = async_to_sync(_ask_vendor)(job)
    except (TryLater, Unsure) as fault:  # deleting twice deletes no more than once
        log.warning("not_deleted_yet", job=str(job.public_id), reason=str(fault))
        request.try_again_at(timezone.now() + TRY_AGAIN_AFTER)
    except DomainError as fault:
        _note_refusal(request, str(fault))
    else:
        if is_gone:
            _note_deleted(request)
        else:
            _note_refusal(request, _("The vendor still has it."))


@transaction.atomic
def _note_deleted(request: VendorRequest) -> None:
    request.note_answer(RequestAnswer.DONE)
    # It is not polled again: a job that was deleted on purpose is not lost.
    request.job.note(next_step_at=None)
    record("forgotten", request.job)


@transaction.atomic
def _note_refusal(request: VendorRequest, why: str) -> None:
    request.note_answer(RequestAnswer.UNABLE)
    record("not_forgotten", request.job, why=why)


async def _ask_vendor(job: Job) -> bool:
    """Return whether the vendor has nothing of the job any more."""
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            job.account.vendor(job.schema_version) as vendor,
        ):
            if await vendor.delete_jobs([job.vendor_job_id]):
                return True
            try:
                await vendor.report(job.vendor_job_id)
            except JobNotFound:
                return True
            return False
    except TimeoutError:
        raise TryLater(_("%s takes too long to answer.") % job.account.offer.vendor_name) from None

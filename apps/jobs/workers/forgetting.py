"""Having a vendor delete what it keeps of a job: asked by a person, done once, never taken for a loss."""

import asyncio
from datetime import timedelta

import structlog
from asgiref.sync import async_to_sync
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Job
from apps.vendors.errors import JobNotFound, TryLater, Unsure

log = structlog.get_logger(__name__)

AGAIN = timedelta(minutes=10)  # until its own days there are over
SECONDS = 30.0  # a worker that waits longer is missing elsewhere


def forget(job: Job) -> None:
    """Ask, once for each wish; orders never wait because a vendor is slow to delete."""
    if job.forget_at is None:
        return
    if not job.can_be_forgotten:
        _not_forgotten(job, _("It is not where it could be deleted any more."))
        return
    lane = job.account.lane
    if lane.is_paused:
        job.note(forget_at=lane.paused_until)
        return
    try:
        is_gone = async_to_sync(_ask_vendor)(job)
    except (TryLater, Unsure) as trouble:  # deleting twice deletes no more than once
        log.warning("not_forgotten_yet", job=str(job.public_id), reason=str(trouble))
        job.note(forget_at=timezone.now() + AGAIN)
    except DomainError as fault:
        _not_forgotten(job, str(fault))
    else:
        if is_gone:
            # Nobody looks for it again: what is not there any more is not lost.
            job.note(forget_at=None, forgotten_at=timezone.now(), next_step_at=None)
            record("forgotten", job)
        else:
            _not_forgotten(job, _("The vendor has it still."))


def _not_forgotten(job: Job, why: str) -> None:
    Job.objects.filter(pk=job.pk).update(forget_at=None)
    record("not_forgotten", job, why=why)


async def _ask_vendor(job: Job) -> bool:
    """Return whether the vendor has nothing of it any more."""
    try:
        async with asyncio.timeout(SECONDS), job.account.vendor(job.schema_version) as vendor:
            if await vendor.delete_jobs([job.vendor_job_id]):
                return True
            try:
                await vendor.report(job.vendor_job_id)
            except JobNotFound:
                return True
            return False
    except TimeoutError:
        raise TryLater(_("%s takes too long to answer.") % job.account.offer.vendor_name) from None

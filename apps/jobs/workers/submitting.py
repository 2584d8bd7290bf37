"""Submitting jobs: one pass per lane submits what is due, each order at most once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.database import close_stale_connections
from apps.core.errors import DomainError
from apps.jobs.fair_queue import pick_next_jobs
from apps.jobs.models import Job, Lane, Submission
from apps.jobs.models.lanes import bounded_retry_after
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers.submission_attempt import (
    UNCONFIRMED_AFTER,
    SubmissionAttempt,
    count_in_flight,
    start_reconciliation,
)
from apps.vendors.errors import Refused, TryLater, VendorError
from apps.vendors.types import Receipt

MOST_ORDERS_PER_PASS = 8
RETRY_FULL_AFTER = timedelta(seconds=1)  # the vendor has as many jobs as the limit allows
WRITE_RETRY_SECONDS = (0.2, 1.0, 3.0)  # pauses between tries to save the outcome of an order

log = structlog.get_logger(__name__)


def submit_due(lane: Lane) -> datetime | None:
    """Submit as many queued jobs of this lane as its limits allow, picked fairly.

    Return when to run again; None for at once.
    """
    if lane.is_paused:
        return lane.paused_until
    room = _free_slots(lane)
    if not room:
        return timezone.now() + RETRY_FULL_AFTER
    granted = lane.take_tokens(room)
    if not granted:
        return lane.next_token_at()
    left = async_to_sync(_submit_all)(lane, pick_next_jobs(lane, granted))
    lane.give_back(granted - left)
    return None


def _free_slots(lane: Lane) -> int:
    """Return how many orders may be sent now; one, to see whether a broken vendor is back."""
    if lane.is_circuit_open:
        return 1
    if not lane.in_flight:
        return MOST_ORDERS_PER_PASS
    return max(0, min(MOST_ORDERS_PER_PASS, lane.in_flight - count_in_flight(lane)))


async def _submit_all(lane: Lane, jobs: list[Job]) -> int:
    """Submit the jobs concurrently; return how many requests were sent."""
    health = _PassHealth()
    # A fault in one order stops no other: an order that is broken off may have been received.
    results = await asyncio.gather(
        *(_submit_one(job, health) for job in jobs), return_exceptions=True
    )
    await sync_to_async(health.apply_to)(lane)
    for fault in results:
        if isinstance(fault, BaseException):
            log.error("order_not_settled", lane=str(lane), exc_info=fault)
    return sum(bool(one) for one in results)


@dataclass
class _PassHealth:
    """The vendor's health in one pass, which counts as one failure however many orders it had."""

    failure: VendorError | None = None
    was_answered: bool = False
    wait_seconds: float = 0.0

    def record_error(self, fault: VendorError) -> None:
        """Count a refusal as an answer, and everything else (TryLater, Unsure) as a failure."""
        asked_for = getattr(fault, "retry_after", None) or 0.0
        self.wait_seconds = max(self.wait_seconds, asked_for)
        if isinstance(fault, Refused):
            self.was_answered = True
        else:
            self.failure = fault

    def apply_to(self, lane: Lane) -> None:
        """Count the pass on the lane, and pause it where the vendor asked for that."""
        if self.failure and not self.was_answered:
            lane.record_failure(str(self.failure), retry_after=self.wait_seconds)
        elif self.was_answered:
            lane.record_success()
            lane.pause(bounded_retry_after(self.wait_seconds))


async def _submit_one(job: Job, health: _PassHealth) -> bool:
    """Send one order; return whether it was sent. A fault here stops no other order of the pass."""
    attempt = SubmissionAttempt(job)
    try:
        receipt = await _ask_vendor(job, attempt)
    except VendorError as fault:
        health.record_error(fault)
        await _write_with_retries(attempt, partial(attempt.record_vendor_error, fault))
        return not isinstance(fault, TryLater)
    except DomainError as fault:
        await _write_with_retries(attempt, partial(attempt.record_own_error, fault))
        return False
    except Exception:
        log.exception("order_crashed", job=str(job.public_id), reference=attempt.reference)
        await _write_with_retries(attempt, attempt.record_crash)
        return attempt.submission is not None
    if receipt is None:
        return False
    health.was_answered = True
    # Whatever the database does, the log has the vendor's id of a paid order.
    log.info("order_accepted", **_log_facts(attempt), vendor_job_id=receipt.vendor_job_id)
    await _write_with_retries(attempt, partial(attempt.record_receipt, receipt))
    return True


async def _ask_vendor(job: Job, attempt: SubmissionAttempt) -> Receipt | None:
    async with job.account.vendor(job.schema_version) as vendor:
        order = await attempt.prepare(vendor)
        return await attempt.send(vendor, order) if order else None


async def _write_with_retries(attempt: SubmissionAttempt, outcome: Callable[[], None]) -> None:
    """Save the outcome of an order, even where the database is busy or was restarted meanwhile."""
    for pause in WRITE_RETRY_SECONDS:
        try:
            await sync_to_async(_write_once)(outcome)
        except (OperationalError, InterfaceError):
            log.exception("outcome_not_written", **_log_facts(attempt))
            await asyncio.sleep(pause)
        else:
            return
    await sync_to_async(_write_once)(outcome)


def _write_once(outcome: Callable[[], None]) -> None:
    try:
        outcome()
    except (OperationalError, InterfaceError):
        close_stale_connections()  # a connection that died stays dead: the next try needs another
        raise


def _log_facts(attempt: SubmissionAttempt) -> dict[str, str]:
    return {"job": str(attempt.job.public_id), "reference": attempt.reference}


def mark_unconfirmed(job: Job) -> None:
    """Mark a job unconfirmed whose worker died while it was submitting."""
    sent = Submission.objects.filter(
        job=job, number=job.submission_number, outcome=SubmissionOutcome.UNKNOWN
    ).first()
    lately = job.submitted_at and timezone.now() - job.submitted_at < UNCONFIRMED_AFTER
    if job.state != State.SUBMITTING or sent is None or lately:
        return
    why = _("The worker stopped while sending. The vendor may have received the order.")
    start_reconciliation(sent, timezone.now(), reason=why)

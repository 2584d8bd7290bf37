"""The work behind the counter, one step of it per call. Only tasks come in here.

Every step may be repeated: it looks where the job stands, and a step already taken is not taken again.
None sleeps, and none holds a transaction open while a vendor is thinking. `next_step_at` says when
somebody must come by again; it is the only retry there is.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.jobs.models import Clip, Job
from apps.jobs.models.jobs import RETENTION
from apps.jobs.pace import pace_of, pause_after_trouble, pause_before_look
from apps.jobs.states import Nsfw, State
from apps.projects.handover import address_for_vendor
from apps.vendors.errors import Lost, Moderated, Refused, TryLater, VendorError
from apps.vendors.types import Order, Progress, Receipt, Report

log = structlog.get_logger(__name__)

DOUBT_AFTER = timedelta(seconds=150)  # longer than any submit can take
GRACE = timedelta(seconds=60)  # a vendor may not know a job it has just taken (contracts, section 3.4)


def submit(job: Job) -> None:
    """Place a queued job's order, at most once."""
    if job.state != State.QUEUED:
        return
    try:
        order = _order(job)
        vendor = job.account.vendor()
    except DomainError as fault:
        job.move(State.FAILED, reason=str(fault))
        return
    # Marked before it is paid: whoever finds SUBMITTING later knows that an order may have left.
    now = timezone.now()
    if not job.move(
        State.SUBMITTING,
        submitted_at=now,
        attempts=job.attempts + 1,
        reason="",
        next_step_at=now + DOUBT_AFTER,
    ):
        return
    try:
        receipt = vendor.submit(order)
    except VendorError as trouble:
        _not_taken(job, trouble)
        return
    _taken_by_vendor(job, receipt)


def _taken_by_vendor(job: Job, receipt: Receipt) -> None:
    try:
        job.move(
            State.AT_VENDOR,
            vendor_job_id=receipt.vendor_job_id,
            vendor_word=receipt.vendor_word,
            taken_at=timezone.now(),
            attempts=0,
            next_step_at=_next_look(job, timedelta()),
        )
    except IntegrityError:
        job.move(
            State.UNCONFIRMED,
            reason=_("The vendor answered with an id that another job has already."),
            vendor_words=receipt.vendor_job_id,
        )


def _order(job: Job) -> Order:
    if job.image is None:
        raise DomainError(_("The source image was deleted before the job was sent."))
    return Order(image_url=address_for_vendor(job.image), prompt=job.prompt_text, parameters=job.parameters)


def _not_taken(job: Job, trouble: VendorError) -> None:
    words: dict[str, Any] = {"reason": str(trouble), "vendor_words": trouble.vendor_words}
    match trouble:
        case TryLater():
            asked = timedelta(seconds=trouble.retry_after) if trouble.retry_after else None
            pause = asked or pause_after_trouble(job.attempts)
            job.move(State.QUEUED, next_step_at=timezone.now() + pause, **words)
        case Moderated():
            job.move(State.MODERATED, **words)
        case Refused():
            job.move(State.FAILED, **words)
        case _:
            # Unsure, or a trouble nobody has named: the order may have been taken.
            job.move(State.UNCONFIRMED, **words)


def doubt(job: Job) -> None:
    """Hand over to a person what was being sent when its worker died."""
    if job.state == State.SUBMITTING:
        job.move(
            State.UNCONFIRMED,
            reason=_("The worker stopped while sending. The vendor may or may not have taken the order."),
        )


def look(job: Job) -> None:
    """Ask the vendor once how a job is doing, and write down the answer."""
    if job.state != State.AT_VENDOR:
        return
    try:
        report = job.account.vendor().result(job.vendor_job_id)
    except DomainError as trouble:
        _look_failed(job, trouble)
        return
    match report.progress:
        case Progress.DONE:
            _done(job, report)
        case Progress.FAILED:
            job.move(State.FAILED, **_end(report))
        case Progress.MODERATED:
            job.move(State.MODERATED, **_end(report))
        case Progress.CANCELLED:
            job.move(State.CANCELLED, **_end(report))
        case _:
            # Waiting, running, or a word nobody has seen: none of them is a failure.
            elapsed = timezone.now() - _taken(job)
            job.note(
                vendor_word=report.vendor_word, reason="", attempts=0, next_step_at=_next_look(job, elapsed)
            )


def _look_failed(job: Job, trouble: DomainError) -> None:
    """Keep watching whatever the trouble is: the job may be paid and finished. Only its end ends it."""
    elapsed = timezone.now() - _taken(job)
    words: dict[str, Any] = {"reason": str(trouble), "vendor_words": getattr(trouble, "vendor_words", "")}
    if elapsed > RETENTION or (isinstance(trouble, Lost) and elapsed > GRACE):
        job.move(State.FAILED, **words)
        return
    asked = getattr(trouble, "retry_after", None)
    pause = timedelta(seconds=asked) if asked else pause_after_trouble(job.attempts)
    job.note(attempts=job.attempts + 1, next_step_at=timezone.now() + pause, **words)


def _end(report: Report) -> dict[str, Any]:
    return {
        "vendor_word": report.vendor_word,
        "reason": report.reason,
        "vendor_words": report.reason,
        "inference_ms": report.inference_ms,
        "done_at": timezone.now(),
    }


def _done(job: Job, report: Report) -> None:
    if not report.outputs:
        _look_failed(job, DomainError(_("The vendor calls the job done but shows no clip yet.")))
        return
    with transaction.atomic():
        changes = {**_end(report), "reason": "", "attempts": 0}
        if not job.move(State.SAVING, **changes):
            return
        Clip.objects.bulk_create(
            Clip(
                team_id=job.team_id,
                job=job,
                project_id=job.project_id,
                number=number,
                vendor_url=output.url,
                nsfw=Nsfw.of(output.nsfw),
                **job.recipe(),
            )
            for number, output in enumerate(report.outputs)
        )


def _taken(job: Job) -> datetime:
    return job.taken_at or job.created_at


def _next_look(job: Job, elapsed: timedelta) -> datetime:
    return timezone.now() + pause_before_look(elapsed, pace_of(job.account, job.resolution))

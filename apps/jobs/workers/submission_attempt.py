"""One attempt to submit a job: upload the image, save the submission, send it, record the answer.

The job becomes SUBMITTING and its submission is saved before a byte is sent. A job that is found in
that state later may have been received by the vendor.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.jobs.models import Job, Lane, Submission
from apps.jobs.models.lanes import bounded_retry_after
from apps.jobs.models.submissions import new_reference, sign_reference
from apps.jobs.parts import predecessor_ended
from apps.jobs.poll_schedule import PollSchedule, retry_pause
from apps.jobs.states import IN_FLIGHT, State, SubmissionOutcome
from apps.jobs.workers import money, outcomes
from apps.projects.picture_links import picture_url_for_vendor
from apps.teams.states import TeamStatus
from apps.vendors.errors import Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.types import Extension, Order, Receipt, Vendor

# Together less than a pass of orders may take (settings.TASKS), which is ended after that.
UPLOAD_SECONDS = 45.0
ANSWER_SECONDS = 75.0
UNCONFIRMED_AFTER = timedelta(seconds=150)  # longer than any order can take
SEARCH_AFTER = timedelta(seconds=2)


@dataclass
class SubmissionAttempt:
    """One attempt to submit one job."""

    job: Job
    reference: str = field(default_factory=new_reference)
    submission: Submission | None = None

    async def prepare(self, vendor: Vendor) -> Order | None:
        """Save the submission and return the order to send; None where it may not be sent now."""
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                address = await self._address(vendor)
        except TimeoutError:
            raise TryLater(_("Uploading the image took too long. Trying again.")) from None
        order, self.submission = await sync_to_async(self._record_departure)(address)
        return order

    async def send(self, vendor: Vendor, order: Order) -> Receipt:
        """Send the order once and return the vendor's answer; no answer in time raises Unsure."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await vendor.submit(order)
        except TimeoutError:
            raise Unsure(
                _("The vendor takes too long to answer. It may have received the order.")
            ) from None

    async def _address(self, vendor: Vendor) -> str:
        """Return the image's address for this submission: ours, or the vendor's after an upload."""
        image = self.job.image
        if image is None:
            raise DomainError(_("The source image was deleted before the job was sent."))
        if self.job.account.is_sandbox or settings.VENDORS_REACH_US or settings.FILES_ARE_REMOTE:
            return picture_url_for_vendor(image, self.reference)
        content = await sync_to_async(_bytes_of)(image.file)
        return await vendor.upload(f"{self.reference}.jpg", content, "image/jpeg")

    @transaction.atomic
    def _record_departure(self, address: str) -> tuple[Order | None, Submission | None]:
        now = timezone.now()
        job = self._lock_if_unsent()
        if job is None or not _has_room(self.job.account.lane):
            return None, None
        number = max(job.submission_number, 1)
        job.move(
            State.SUBMITTING,
            submitted_at=now,
            submission_number=number,
            submit_tries=job.submit_tries + 1,
            reason="",
            vendor_message="",
            next_step_at=now + UNCONFIRMED_AFTER,
        )
        # An order that was not sent keeps its number, and gets a new reference.
        submission, _made = Submission.objects.update_or_create(
            job=job,
            number=number,
            defaults={
                "team_id": job.team_id,
                "reference": self.reference,
                "image_url": address,
                "sent_at": now,
                "outcome": SubmissionOutcome.UNKNOWN,
                "vendor_job_id": "",
                "unverified_job_id": "",
                "search_at": None,
                "search_count": 0,
            },
        )
        return _order(self.job, address, self.reference), submission

    def _lock_if_unsent(self) -> Job | None:
        """Return the job, locked, unless it has changed since this attempt began."""
        job, seen = outcomes.lock_job(self.job.pk), self.job
        as_seen = (job.submission_number, job.submit_tries) == (
            seen.submission_number,
            seen.submit_tries,
        )
        is_at_work = job.team.status == TeamStatus.ACTIVE
        return job if job.state == State.QUEUED and as_seen and is_at_work else None

    def record_receipt(self, receipt: Receipt) -> None:
        """Record the vendor's id of the job."""
        now = timezone.now()
        poll_at = PollSchedule(self.job.account.lane).next_poll(
            self.job.account_id, self.job.price_values, now
        )
        facts: dict[str, Any] = {
            "vendor_status": receipt.vendor_status,
            "vendor_created_at": receipt.created_at,
            "accepted_at": now,
        }
        try:
            believed = outcomes.record_accepted(
                self._required_submission, receipt.vendor_job_id, **facts, next_step_at=poll_at
            )
        except IntegrityError:  # another job was given this id a moment earlier
            believed = False
        if not believed:
            why = _("The vendor answered with the id of another job.")
            self._mark_unconfirmed(why, receipt.vendor_job_id)

    def record_vendor_error(self, fault: VendorError) -> None:
        """Record why the vendor did not accept it, or that nobody knows whether it did."""
        words: dict[str, Any] = {"reason": str(fault), "vendor_message": fault.vendor_message}
        if self.submission is None:  # the image could not be uploaded
            self._keep_or_end(fault, words)
        elif isinstance(fault, TryLater):
            again = _again_at(self.job, fault)
            outcomes.record_not_received(self.submission, State.QUEUED, next_step_at=again, **words)
        elif isinstance(fault, Refused):
            to = State.MODERATED if isinstance(fault, Moderated) else State.FAILED
            outcomes.record_not_received(self.submission, to, **words)
        else:  # Unsure, or an unknown error: the order may have been received
            self._mark_unconfirmed(str(fault), fault.vendor_message)

    def _keep_or_end(self, fault: VendorError, words: dict[str, Any]) -> None:
        if isinstance(fault, TryLater | Unsure):
            again = _again_at(self.job, fault)
            self.job.note(next_step_at=again, submit_tries=self.job.submit_tries + 1, **words)
        else:
            self._end_unsent(words)

    def record_own_error(self, fault: DomainError) -> None:
        """End a job that cannot be sent, for a reason on our side."""
        if self.submission:
            outcomes.record_not_received(self.submission, State.FAILED, reason=str(fault))
        else:
            self._end_unsent({"reason": str(fault)})

    @transaction.atomic
    def _end_unsent(self, words: dict[str, Any]) -> None:
        # An image that is moderated at its upload is a failure: from QUEUED there is no other move.
        job = self._lock_if_unsent()
        if job and job.move(State.FAILED, **words):
            money.void_hold(job, words["reason"])
            predecessor_ended(job)

    def record_crash(self) -> None:
        """Go on after a crash: an order that may have been sent is unconfirmed, any other waits."""
        if self.submission:
            self._mark_unconfirmed(
                _("Something went wrong while sending. The vendor may have received it."), ""
            )
            return
        again = timezone.now() + retry_pause(self.job.submit_tries)
        why = _("The image could not be uploaded. Trying again.")
        self.job.note(next_step_at=again, submit_tries=self.job.submit_tries + 1, reason=why)

    def _mark_unconfirmed(self, reason: str, words: str) -> None:
        start_reconciliation(
            self._required_submission,
            timezone.now() + SEARCH_AFTER,
            reason=reason,
            vendor_message=words,
        )

    @property
    def _required_submission(self) -> Submission:
        if self.submission is None:
            raise RuntimeError("Nothing was sent yet.")
        return self.submission


@transaction.atomic
def start_reconciliation(submission: Submission, search_at: datetime, **words: Any) -> None:
    """Search for a submission, and mark its job unconfirmed if it still waits for the answer."""
    job = outcomes.lock_job(submission.job_id)
    if job.state == State.SUBMITTING and job.submission_number == submission.number:
        job.move(State.UNCONFIRMED, **words)
    unknown = Submission.objects.filter(
        pk=submission.pk,
        reference=submission.reference,
        outcome=SubmissionOutcome.UNKNOWN,
        search_at=None,
    )
    unknown.update(search_at=search_at)


def _has_room(lane: Lane) -> bool:
    """Count again under the lane's lock: two passes may be at work on the lane."""
    if not lane.in_flight:
        return True
    Lane.objects.select_for_update().get(pk=lane.pk)
    return count_in_flight(lane) < lane.in_flight


def count_in_flight(lane: Lane) -> int:
    """Return how many of the lane's jobs the vendor may be busy with."""
    return Job.objects.filter(account__in=lane.accounts.all(), state__in=IN_FLIGHT).count()


def _order(job: Job, address: str, reference: str) -> Order:
    return Order(
        image_url=address,
        prompt=job.prompt_text,
        parameters=job.parameters,
        reference=reference,
        webhook_url=_hook_url(job, reference),
        extends=_extension(job),
    )


def _extension(job: Job) -> Extension | None:
    if job.extends is None:
        return None
    return Extension(vendor_job_id=job.extends.vendor_job_id, number=(job.extends_take or 1) - 1)


def _hook_url(job: Job, reference: str) -> str:
    """Return the webhook address of this submission; "" where the vendor cannot reach us."""
    if not (job.account.is_sandbox or settings.VENDORS_REACH_US):
        return ""
    return settings.PUBLIC_URL + reverse(
        "jobs:webhook", args=[job.vendor, sign_reference(reference)]
    )


def _again_at(job: Job, fault: VendorError) -> datetime:
    asked = getattr(fault, "retry_after", None)
    return timezone.now() + (bounded_retry_after(asked) or retry_pause(job.submit_tries))


def _bytes_of(name: str) -> bytes:
    try:
        with default_storage.open(name) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise DomainError(_("The file of the source image is missing. Upload it again.")) from None
    return content

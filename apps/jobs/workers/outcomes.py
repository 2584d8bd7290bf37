"""Recording the outcome of a submission: accepted, or not received, whoever reports it.

The answer may come late: its worker was taken for dead, a person sent the job again or gave it up,
or the vendor's list was quicker. Each answer counts once, whatever has become of the job meanwhile.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.events import record
from apps.jobs.models import Job, Submission
from apps.jobs.parts import predecessor_ended
from apps.jobs.states import ENDED, MOVES, State, SubmissionOutcome
from apps.jobs.workers import money

WAITING_FOR_ANSWER = {State.SUBMITTING, State.UNCONFIRMED}  # for the answer to its submission


def lock_job(job_id: int) -> Job:
    """Return a job that nobody else moves until this transaction ends."""
    rows = Job.objects.select_for_update(of=("self",))
    return rows.select_related("account__lane", "chain", "team", "project", "created_by").get(
        pk=job_id
    )


@transaction.atomic
def record_accepted(
    submission: Submission,
    vendor_job_id: str,
    *,
    vendor_status: str,
    accepted_at: datetime,
    **changes: Any,
) -> bool:
    """Record the vendor's id for this submission; return whether it could be believed.

    An id that another job has already is not: the vendor, or its list, is mistaken.
    """
    job = lock_job(submission.job_id)
    holder = Job.objects.filter(
        account__lane=job.account.lane_id, vendor_job_id=vendor_job_id
    ).first()
    if holder and holder.pk != job.pk:
        return False
    mine = Submission.objects.filter(pk=submission.pk, reference=submission.reference).exclude(
        outcome=SubmissionOutcome.ACCEPTED
    )
    if not mine.update(
        outcome=SubmissionOutcome.ACCEPTED, vendor_job_id=vendor_job_id, search_at=None
    ):
        return True
    facts = {
        "vendor_job_id": vendor_job_id,
        "vendor_status": vendor_status,
        "accepted_at": accepted_at,
    }
    if holder:  # the vendor counts this submission and an earlier one as the same order
        money.void_hold(job, _("counted with another submission"), number=submission.number)
    elif not _move_to_vendor(job, submission, facts | changes):
        _create_duplicate_job(job, submission, facts)
    return True


def _move_to_vendor(job: Job, submission: Submission, changes: dict[str, Any]) -> bool:
    """Move the job to its vendor, unless another submission of it is there or just on its way."""
    state = State(job.state)
    if job.vendor_job_id or State.AT_VENDOR not in MOVES[state]:
        return False
    if state == State.SUBMITTING and job.submission_number != submission.number:
        return False
    if state == State.QUEUED and job.submission_number > submission.number:
        # It was about to be sent again: now it need not be.
        money.void_hold(job, _("found before it was sent again"))
    late = {"is_late": True} if state in ENDED else {}
    cleared: dict[str, Any] = {
        "poll_failures": 0,
        "later_polls": 0,
        "reason": "",
        "vendor_message": "",
    }
    return job.move(
        State.AT_VENDOR, **cleared | late | {"submission_number": submission.number} | changes
    )


def _create_duplicate_job(job: Job, submission: Submission, facts: dict[str, Any]) -> None:
    """Create a job for an order that was paid a second time, so that its clip is saved as well."""
    is_counted = not money.void_hold(job, _("counted with its duplicate"), number=submission.number)
    duplicate = Job.new(
        State.AT_VENDOR,
        team=job.team,
        created_by=job.created_by,
        # Cost already entered by a person: the duplicate job must not count it again.
        price=Decimal(0) if is_counted else job.price,
        project=job.project,
        image_id=job.image_id,
        account=job.account,
        rerun_of=job,
        submission_number=1,
        is_late=True,
        submitted_at=submission.sent_at,
        next_step_at=facts["accepted_at"],
        **facts,
        **job.recipe(),
    )
    duplicate.save()
    money.hold_found(duplicate)
    # What the vendor still says of this submission is said of the duplicate.
    Submission.objects.filter(pk=submission.pk).update(job=duplicate, number=1)
    record("found_twin", duplicate, of=str(job.public_id))


@transaction.atomic
def record_not_received(submission: Submission, to: State, *, reason: str, **changes: Any) -> None:
    """Record that a submission was not received or was refused, and move its job.

    To QUEUED, where it may go out again under the same hold; anywhere else the hold is given back.
    """
    job = lock_job(submission.job_id)
    mine = Submission.objects.filter(
        pk=submission.pk, reference=submission.reference, outcome=SubmissionOutcome.UNKNOWN
    )
    if not mine.update(outcome=SubmissionOutcome.NOT_RECEIVED, search_at=None):
        return
    waits = job.state in WAITING_FOR_ANSWER and job.submission_number == submission.number
    if (
        to == State.QUEUED
        and Job.objects.filter(rerun_of=job, submissions__sent_at__lte=submission.sent_at).exists()
    ):
        to, reason = State.FAILED, _("An earlier order of this job was found at the vendor.")
    if waits and to == State.QUEUED:
        job.move(to, reason=reason, **changes)
        return
    money.void_hold(job, reason, number=submission.number)
    if waits and job.move(to, reason=reason, **_words(changes)):
        predecessor_ended(job)


@transaction.atomic
def give_up_search(submission: Submission, reason: str) -> None:
    """Stop searching for a submission that nobody can find; a person has to find out its cost.

    Its hold stands until then: it may have been charged.
    """
    job = lock_job(
        submission.job_id
    )  # before its submission, as everywhere: no two wait for each other
    if not Submission.objects.filter(pk=submission.pk, outcome=SubmissionOutcome.UNKNOWN).update(
        search_at=None
    ):
        return
    if (
        job.state == State.UNCONFIRMED
        and job.submission_number == submission.number
        and job.move(State.FAILED, reason=reason)
    ):
        predecessor_ended(job)


@transaction.atomic
def settle_manually(submission: Submission, *, was_charged: bool, reason: str) -> None:
    """Record what a person found out about the cost of a submission that could not be found."""
    if was_charged:
        money.charge_lost(lock_job(submission.job_id), reason, number=submission.number)
    else:
        record_not_received(submission, State.FAILED, reason=reason)


def _words(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name != "next_step_at"}

"""Actions of people on a job that has been ordered."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.budgets import services as budgets
from apps.core.database import after_commit
from apps.core.errors import DomainError
from apps.core.events import record
from apps.jobs.models import Job, Output, Submission, VendorRequest
from apps.jobs.parts import predecessor_ended
from apps.jobs.states import FINAL, RequestAnswer, RequestKind, State, SubmissionOutcome
from apps.jobs.tasks import dispatch_downloads, dispatch_lanes, dispatch_vendor_requests
from apps.jobs.workers import money
from apps.jobs.workers.outcomes import settle_manually
from apps.jobs.workers.saving import give_up_missing
from apps.teams.models import Member
from apps.teams.roles import Permission


@transaction.atomic
def cancel(member: Member, job: Job) -> None:
    """Cancel a job that has not been sent; ask the vendor to stop one that has."""
    member.require(Permission.CREATE)
    if job.state in {State.PLANNED, State.QUEUED} and job.move(
        State.CANCELLED, actor=member.user, reason=""
    ):
        money.void_hold(job, _("cancelled before it was sent"))
        predecessor_ended(job)
    elif job.state == State.AT_VENDOR:
        if VendorRequest.objects.ask(job, RequestKind.STOP):
            record("asked_to_stop", job, actor=member.user)
        after_commit(dispatch_vendor_requests)
    else:
        raise DomainError(_("This job can't be cancelled any more. Check its status."))


@transaction.atomic
def delete_at_vendor(member: Member, job: Job) -> None:
    """Have the vendor delete its copy of a job whose clips are here; it cannot be undone."""
    member.require(Permission.DISCARD)
    now = Job.objects.select_for_update(of=("self",)).select_related("account").get(pk=job.pk)
    is_gone = now.vendor_requests.filter(kind=RequestKind.DELETE, answer=RequestAnswer.DONE)
    if not now.is_deletable_at_vendor or is_gone.exists():
        raise DomainError(_("There is nothing to delete at the vendor. Check the job's status."))
    if VendorRequest.objects.ask(now, RequestKind.DELETE):
        record("asked_to_forget", job, actor=member.user)
        after_commit(dispatch_vendor_requests)


@transaction.atomic
def send_again(member: Member, job: Job, *, last_submission_seen: int | None = None) -> None:
    """Send an unconfirmed job once more, for a person who was told that it may be charged twice.

    `last_submission_seen` is the number of the submission that the page showed: another window may
    have sent the job again since.
    """
    member.require(Permission.CREATE)
    if last_submission_seen not in {None, job.submission_number}:
        raise DomainError(_("This job was sent again in the meantime. Check its status."))
    budgets.lock_team(job.team)  # before its job, as in a rerun
    _leave_unconfirmed(member, job, State.QUEUED, submission_number=job.submission_number + 1)
    money.hold(job, job.submission_number)
    after_commit(dispatch_lanes, [job.account.lane_id])


@transaction.atomic
def give_up(member: Member, job: Job) -> None:
    """Stop waiting for an unconfirmed job. The search goes on: its clip may still arrive late."""
    member.require(Permission.CREATE)
    _leave_unconfirmed(member, job, State.FAILED)
    record("gave_up", job, actor=member.user)
    predecessor_ended(job)


def _leave_unconfirmed(member: Member, job: Job, to: State, **changes: int) -> None:
    now = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    as_seen = job.state == State.UNCONFIRMED and job.submission_number == now.submission_number
    if not as_seen or not job.move(to, actor=member.user, **changes):
        raise DomainError(_("This job is no longer unconfirmed. Check its status."))


@transaction.atomic
def search_now(member: Member, job: Job) -> None:
    """Search for an unconfirmed job at its vendor right now."""
    member.require(Permission.CREATE)
    Submission.objects.filter(job=job, outcome=SubmissionOutcome.UNKNOWN).update(
        search_at=timezone.now()
    )
    after_commit(dispatch_lanes, [job.account.lane_id])


@transaction.atomic
def download_now(member: Member, job: Job) -> None:
    """Try at once to download the clips of a job that are not here yet."""
    member.require(Permission.CREATE)
    Output.objects.filter(job=job).downloading().update(next_try_at=timezone.now())
    after_commit(dispatch_downloads)


@transaction.atomic
def stop_downloading(member: Member, job: Job) -> None:
    """Go on without the missing clips of a job: a longer clip may wait for its other takes."""
    member.require(Permission.CREATE)
    if job.state != State.SAVING:
        raise DomainError(_("Nothing is in progress any more. Check the job's status."))
    if not job.clips.exists():
        raise DomainError(_("No clip of this job is here yet. There is nothing to continue with."))
    if not give_up_missing(job, _("%s stopped the download.") % member.user):
        raise DomainError(_("No download has failed. All clips are on their way."))
    record("stopped_fetching", job, actor=member.user)


@transaction.atomic
def settle(member: Member, job: Job, *, was_charged: bool, number: int | None = None) -> None:
    """Note what a person found in the vendor's own list: whether a job was charged.

    `number` is that of one submission; without it, all unknown ones are settled.
    """
    member.require(Permission.CREATE)
    if job.state not in FINAL:
        raise DomainError(_("This job has not ended. Send it again or give it up first."))
    whose = (
        _("%(person)s says that the vendor charged for it.")
        if was_charged
        else _("%(person)s says that the vendor charged nothing.")
    )
    meant = {} if number is None else {"number": number}
    for submission in job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN, **meant):
        settle_manually(submission, was_charged=was_charged, reason=whose % {"person": member.user})
    record("settled", job, actor=member.user, was_charged=was_charged)


def set_urgent(member: Member, job: Job, *, is_urgent: bool) -> None:
    """Let a waiting job be sent before the others, or not."""
    member.require(Permission.CREATE)
    Job.objects.filter(pk=job.pk, state__in=[State.PLANNED, State.QUEUED]).update(
        is_urgent=is_urgent
    )


def mark_late_as_seen(member: Member, job: Job) -> None:
    """Remove a job from the list of late jobs."""
    member.require(Permission.CREATE)
    Job.objects.filter(pk=job.pk, is_late=True).update(is_late=False)

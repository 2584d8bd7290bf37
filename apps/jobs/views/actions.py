"""Actions on a job that has been ordered: one address for each."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.clips.models import Clip
from apps.core.errors import DomainError, NotAllowed
from apps.core.form_guards import idempotency_key_in, is_quoted, number_seen
from apps.core.formatting import usd
from apps.core.htmx import go_to
from apps.jobs import services
from apps.jobs.models import Job
from apps.jobs.queries import retry_of, unsettled_submissions
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.views.resubmission import duplicate_warning, last_order_seen_by, redirect_to_order
from apps.jobs.views.showing import render_job_page
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

View = Callable[[MemberRequest, UUID], HttpResponse]


def _action(view: View) -> Callable[..., HttpResponseBase]:
    """Let members call the view; a refusal is shown on the job's page, beside the actions."""

    @wraps(view)
    def run(request: MemberRequest, public_id: UUID) -> HttpResponse:
        try:
            return view(request, public_id)
        except NotAllowed:
            raise
        except services.DuplicateOrder as fault:
            return render_job_page(request, public_id, problem=duplicate_warning(fault), status=422)
        except DomainError as fault:
            return render_job_page(request, public_id, problem=str(fault), status=422)

    return require_POST(member_required(run))


def _job(public_id: UUID) -> Job:
    jobs = Job.objects.select_related("account", "image", "chain", "extends", "team", "project")
    return get_object_or_404(jobs, public_id=public_id)


@_action
def cancel(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Cancel a job that has not been sent, or ask its vendor to stop it."""
    job = _job(public_id)
    services.cancel(request.member, job)
    if job.state != State.CANCELLED:
        messages.info(request, _("Asking the vendor to cancel. Its answer appears here."))
    elif job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN).exists():
        words = _(
            "It is not sent again. The first order may have arrived. We keep searching for it."
        )
        messages.warning(request, words)
    else:
        messages.success(request, _("Job cancelled. It was not sent, and nothing is charged."))
    return go_to(request, job)


@_action
def delete_at_vendor(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Have the vendor delete its copy of a job that is saved."""
    job = _job(public_id)
    services.delete_at_vendor(request.member, job)
    messages.info(request, _("Asking the vendor to delete it. Its answer appears here."))
    return go_to(request, job)


@_action
def send_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send an unconfirmed job once more, unless another window did so since this page was shown."""
    job = _job(public_id)
    last_seen = number_seen(request.POST, "last_submission_seen")
    services.send_again(request.member, job, last_submission_seen=last_seen)
    return go_to(request, job)


@_action
def give_up(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Stop waiting for an unconfirmed job."""
    job = _job(public_id)
    services.give_up(request.member, job)
    return go_to(request, job)


@require_POST
@member_required
def search_now(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Search for an unconfirmed job at its vendor right now."""
    job = _job(public_id)
    services.search_now(request.member, job)
    messages.info(request, _("Searching the vendor's list now."))
    return go_to(request, job)


@_action
def name_at_vendor(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Search for an unconfirmed order by the id that somebody has read in the vendor's own list."""
    job, number = _job(public_id), request.POST.get("number", "")
    request.member.require(Permission.CREATE)
    open_ones = {
        str(submission.number): submission
        for submission in job.submissions.filter(outcome=SubmissionOutcome.UNKNOWN)
    }
    if number not in open_ones:
        raise DomainError(_("This order is no longer unconfirmed. Check its status."))
    services.name_at_vendor(
        request.member, open_ones[number], request.POST.get("vendor_job_id", "").strip()
    )
    messages.info(
        request, _("Asking the vendor about this id. If it is this order, its clip will be saved.")
    )
    return go_to(request, job)


@_action
def download_now(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Try at once to download the clips of a job that are not here yet."""
    job = _job(public_id)
    services.download_now(request.member, job)
    messages.info(request, _("Downloading the missing clips now."))
    return go_to(request, job)


@_action
def stop_downloading(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Go on without the missing clips of a job."""
    job = _job(public_id)
    services.stop_downloading(request.member, job)
    messages.success(request, _("Missing clips will not be downloaded."))
    return go_to(request, job)


@_action
def settle(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Note whether the vendor charged for a submission that can no longer be searched for."""
    job = _job(public_id)
    answer = request.POST.get("was_charged", "")
    request.member.require(Permission.CREATE)
    open_ones = {str(submission.number): submission for submission in unsettled_submissions(job)}
    submission = open_ones.get(request.POST.get("number", ""))
    if submission is None or answer not in {"yes", "no"}:
        raise DomainError(_("This order is already settled. Check its status."))
    services.settle(request.member, job, was_charged=answer == "yes", number=submission.number)
    return go_to(request, job)


@_action
def retry(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Order a failed job once more, for the price on the button."""
    job = _job(public_id)
    request.member.require(Permission.CREATE)
    idempotency_key = idempotency_key_in(request.POST)
    if idempotency_key is None:
        raise DomainError(_("This form is incomplete. Reload the page and press again."))
    total = retry_of(job).total
    if not is_quoted(request.POST, total):
        words = _("The price has changed to %s. Nothing was ordered. Press again to order.")
        messages.warning(request, words % usd(total))
        return go_to(request, job)
    again = services.retry(
        request.member, job, idempotency_key, last_order_seen=last_order_seen_by(request)
    )
    return redirect_to_order(request, again)


@require_POST
@member_required
def set_urgent(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Let a waiting job be sent before the others, or not."""
    job = _job(public_id)
    services.set_urgent(request.member, job, is_urgent=request.POST.get("is_urgent") == "yes")
    return go_to(request, job)


@require_POST
@member_required
def mark_late_as_seen(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Remove a job from the list of late jobs."""
    job = _job(public_id)
    services.mark_late_as_seen(request.member, job)
    return (
        go_to(request, "jobs:late") if request.POST.get("back") == "late" else go_to(request, job)
    )


@_action
def stop_chain(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Make no further parts of the longer clip that this job belongs to."""
    job = _job(public_id)
    request.member.require(Permission.CREATE)
    if job.chain is None:
        raise DomainError(_("This job is not a part of a longer clip."))
    services.stop_chain(request.member, job.chain)
    messages.success(request, _("No more parts will be made. Finished parts are joined."))
    return go_to(request, job)


@_action
def choose_take(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Let a waiting part extend one take of the part before it."""
    part = _job(public_id)
    request.member.require(Permission.CREATE)
    takes = Clip.objects.visible().of_order(part.extends.public_id) if part.extends else []
    chosen = request.POST.get("take", "")
    take = next((clip for clip in takes if str(clip.take) == chosen), None)
    if take is None:
        raise DomainError(_("Choose one of the takes of the part before this one."))
    services.choose_take(request.member, part, take)
    return go_to(request, part)

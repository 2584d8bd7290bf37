"""Looking at jobs: one of them, and those that came late."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.core.htmx import render_page
from apps.core.paging import newest_first
from apps.jobs import queries
from apps.jobs.models import Job
from apps.jobs.poll_schedule import durations_of
from apps.jobs.progress import progress_of
from apps.jobs.queries import late_jobs, late_stories
from apps.teams.access import MemberRequest, member_required

PAGE_SIZE = 30


@require_safe
@member_required
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one job: its status, its cost, its clips and the actions on it."""
    return render_job_page(request, public_id)


def render_job_page(
    request: MemberRequest, public_id: UUID, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """Return the page of one job; `problem` is why an action on it was refused."""
    known = (
        "project",
        "image",
        "account__lane",
        "created_by",
        "rerun_of",
        "extends",
        "chain",
        "team",
    )
    job = get_object_or_404(Job.objects.select_related(*known), public_id=public_id)
    percent, eta = progress_of(job, durations_of(job.account_id, job.price_values))
    page = queries.job_page(job)
    context = {"job": job, "page": page, "percent": percent, "eta": eta, "problem": problem}
    return render_page(request, "jobs/show.html", context, parts={"job": "job"}, status=status)


@require_safe
@member_required
def late(request: MemberRequest) -> HttpResponse:
    """Show the jobs that had ended and were delivered after all, newest first."""
    page = newest_first(late_jobs(), request.GET.get("after", ""), size=PAGE_SIZE)
    context = {"page": page, "stories": late_stories(page.items), "count": late_jobs().count()}
    return render_page(request, "jobs/late.html", context, parts={"more": "more"})

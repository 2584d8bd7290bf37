"""Looking at a clip and deciding on it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.clips.models import Clip
from apps.clips.queries import days_left, shown_facts, siblings_of
from apps.clips.states import Verdict
from apps.core.form_guards import number_seen
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first
from apps.gallery.tiles import tile_of
from apps.jobs.queries import job_of, why_not_longer
from apps.reviews import services
from apps.reviews.forms import DecisionForm
from apps.reviews.models import Decision
from apps.reviews.queries import next_waiting, previous_waiting, waiting
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

PAGE_SIZE = 48


@require_safe
@member_required
def queue(request: MemberRequest) -> HttpResponse:
    """Show the clips that wait for a decision."""
    page = newest_first(waiting(), request.GET.get("after", ""), size=PAGE_SIZE)
    tiles = [tile_of(clip) for clip in page.items]
    context = {"page": page, "tiles": tiles, "count": waiting().count()}
    return render_page(
        request, "reviews/queue.html", context, parts={"more": "more", "waiting": "waiting"}
    )


@require_safe
@member_required
def clip(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one clip: player, decision and recipe; of a deleted clip only the recipe."""
    clip = _clip(public_id)
    if clip.gone_at:
        job = job_of(clip)
        context = {
            "clip": clip,
            "decisions": _decisions(clip),
            "job_url": job.get_absolute_url() if job else "",
        }
        return render_page(request, "reviews/gone.html", context, status=410)
    return _page(request, clip, DecisionForm())


@require_POST
@member_required
def decide(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take a decision and go on to the next clip that waits."""
    clip = _clip(public_id)
    request.member.require(Permission.DECIDE)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        # What comes back for its note has told nobody of what was decided meanwhile.
        return _page(
            request,
            clip,
            form,
            last_decision_seen=form.cleaned_data.get("last_decision_seen"),
            status=422,
        )
    verdict = Verdict.of(form.cleaned_data["verdict"])
    try:
        given = form.cleaned_data
        decision = services.decide(
            request.member,
            clip,
            verdict,
            given["note"],
            last_decision_seen=given["last_decision_seen"],
        )
    except services.Overtaken as fault:
        form.add_error(None, str(fault))
        return _page(request, _clip(public_id), form, status=422)
    onward = next_waiting(clip) if request.POST.get("onward") else None
    # The tag carries the address that takes it back: the toast offers it for a while.
    undo = reverse("reviews:take_back", args=[clip.public_id])
    notice = f"{verdict.label}: {clip.image_title}"
    messages.success(request, notice, extra_tags=f"{undo}?last_decision_seen={decision.pk}")
    return go_to(request, onward or clip)


@require_POST
@member_required
def take_back(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Undo the last decision."""
    clip = _clip(public_id)
    # The toast's button sends no form: its address carries the number.
    posted = request.POST if "last_decision_seen" in request.POST else request.GET
    last_seen = number_seen(posted, "last_decision_seen")
    services.take_back(request.member, clip, last_decision_seen=last_seen)
    messages.success(request, _("Withdrawn. Back in review."))
    return go_to(request, clip)


def _clip(public_id: UUID) -> Clip:
    known = ("image", "author", "project", "trashed_by")
    return get_object_or_404(Clip.objects.ever_saved().select_related(*known), public_id=public_id)


def _decisions(clip: Clip) -> QuerySet[Decision]:
    decisions: QuerySet[Decision] = clip.decisions.select_related("created_by").order_by("-pk")
    return decisions


def _page(
    request: MemberRequest,
    clip: Clip,
    form: DecisionForm,
    *,
    last_decision_seen: int | None = None,
    status: int = 200,
) -> HttpResponse:
    decisions = list(_decisions(clip))
    job = job_of(clip)
    if last_decision_seen is None:
        last_decision_seen = decisions[0].pk if decisions else 0
    context = {
        "clip": clip,
        "facts": shown_facts(clip),
        "form": form,
        "last_decision_seen": last_decision_seen,
        "decisions": decisions,
        "next": next_waiting(clip),
        "previous": previous_waiting(clip),
        "siblings": siblings_of(clip),
        "tile": tile_of(clip),
        "job_url": job.get_absolute_url() if job else "",
        "can_be_longer": not why_not_longer(clip, job),
        "days": days_left(clip, request.member.team),
    }
    return render_page(
        request,
        "reviews/clip.html",
        context,
        parts={"decision": "decision", "decided": "decision"},
        status=status,
    )

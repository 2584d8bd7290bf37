"""The grid of clips and jobs, and the tiles of it that have changed."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.clips.models import Clip
from apps.core.htmx import render_page
from apps.core.paging import newest_first
from apps.gallery.queries import (
    Filters,
    clips_in_stacks,
    filter_choices,
    matching_clips,
    matching_jobs,
    moving_jobs,
    read_filters,
    troubled_jobs,
    with_tiles,
)
from apps.gallery.tiles import stacks_of, tiles_of
from apps.jobs.models import Job
from apps.teams.access import MemberRequest, member_required

PAGE_SIZE = 48
MOST_MOVING = 24  # jobs on their way in front of the clips; the others are a link
MOST_TILES = 100


@require_safe
@member_required
def grid(request: MemberRequest) -> HttpResponse:
    """Show the team's clips, or its jobs where their state is asked for."""
    filters = read_filters(request.GET, request.member)
    cursor = request.GET.get("after", "")
    context = {
        "filters": filters,
        "chips": filters.chips(),
        "count": _count(filters),
        "choices": filter_choices(request.member),
    } | (_jobs(filters, cursor) if filters.shows_jobs else _clips(filters, cursor))
    parts = {"more": "more", "results": "results"}
    return render_page(request, "gallery/grid.html", context, parts=parts)


def _jobs(filters: Filters, cursor: str) -> dict[str, Any]:
    page = newest_first(matching_jobs(filters), cursor, size=PAGE_SIZE)
    return {"page": page, "stacks": stacks_of(page.items, clips_in_stacks(filters))}


def _clips(filters: Filters, cursor: str) -> dict[str, Any]:
    """Return a page of clips; on the first one, what is on its way and what needs attention."""
    page = newest_first(matching_clips(filters), cursor, size=PAGE_SIZE)
    context = {"page": page, "tiles": tiles_of(page.items)}
    if cursor:
        return context
    moving = list(moving_jobs(filters).order_by("-pk")[: MOST_MOVING + 1])
    return context | {
        "stacks": stacks_of(moving[:MOST_MOVING], Clip.objects.none()),
        "has_more_moving": len(moving) > MOST_MOVING,
        "trouble_count": troubled_jobs(filters).count(),
        "is_first_use": not page.items and not Clip.objects.ever_saved().exists(),
    }


@require_safe
@member_required
def tiles(request: MemberRequest) -> HttpResponse:
    """Answer with the tiles of some jobs and clips as they are now, each to be swapped in."""
    wanted = [text for text in request.GET.getlist("id")[:MOST_TILES] if _is_uuid(text)]
    clips = Clip.objects.ever_saved().filter(public_id__in=wanted).select_related("image")
    filters = _filters_of_grid(request)
    context = {
        "stacks": stacks_of(with_tiles(Job.objects.filter(public_id__in=wanted))),
        "clips": tiles_of([clip for clip in clips if not clip.trashed_at]),
        "trashed": [clip.public_id for clip in clips if clip.trashed_at],
        "filters": filters,
        "count": _count(filters) if filters else None,
    }
    return render_page(request, "gallery/tiles.html", context)


def _filters_of_grid(request: MemberRequest) -> Filters | None:
    """Return the filters of the grid that asks; None where another page asks."""
    address = urlsplit(request.htmx.current_url or "")
    if address.path != reverse("gallery:grid"):
        return None
    return read_filters(QueryDict(address.query), request.member)


def _count(filters: Filters) -> int:
    """Return how many clips match, or how many jobs where jobs are asked for."""
    return (matching_jobs if filters.shows_jobs else matching_clips)(filters).count()


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False

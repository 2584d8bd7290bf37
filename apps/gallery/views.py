"""The grid, and the tiles of it that have changed."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.core.htmx import render_page
from apps.core.paging import newest_first
from apps.gallery.queries import choices, found, read_filters, with_tiles
from apps.gallery.tiles import stacks_of
from apps.jobs.models import Job
from apps.teams.access import MemberRequest, member_required

PAGE_SIZE = 48
MOST_TILES = 100


@require_safe
@member_required
def grid(request: MemberRequest) -> HttpResponse:
    """Show the team's clips and the jobs on their way, filtered by what the address says."""
    filters = read_filters(request.GET, request.member)
    jobs = found(filters)
    page = newest_first(jobs, request.GET.get("after", ""), size=PAGE_SIZE)
    context = {
        "page": page,
        "stacks": stacks_of(page.items),
        "filters": filters,
        "chips": filters.chips(),
        "count": jobs.count(),
        "choices": choices(request.member),
    }
    return render_page(request, "gallery/grid.html", context, parts={"more": "more", "results": "results"})


@require_safe
@member_required
def tiles(request: MemberRequest) -> HttpResponse:
    """Answer with the tiles of some jobs as they are now, each to be swapped in where it hangs."""
    wanted = [text for text in request.GET.getlist("id")[:MOST_TILES] if _is_uuid(text)]
    stacks = stacks_of(with_tiles(Job.objects.filter(public_id__in=wanted)))
    return render_page(request, "gallery/tiles.html", {"stacks": stacks})


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False

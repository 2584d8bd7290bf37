"""The grid, and the tiles of it that have changed."""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.htmx import render_page
from apps.core.paging import newest_first
from apps.gallery.queries import choices, clips_of, found, read_filters, with_tiles
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
        "stacks": stacks_of(page.items, clips_of(filters)),
        "filters": filters,
        "chips": filters.chips(),
        "count": jobs.count(),
        "is_first_use": not page.items and not Job.objects.exists(),
        "choices": choices(request.member),
    }
    return render_page(
        request, "gallery/grid.html", context, parts={"more": "more", "results": "results"}
    )


@require_safe
@member_required
def tiles(request: MemberRequest) -> HttpResponse:
    """Answer with the tiles of some jobs as they are now, each to be swapped in where it hangs."""
    wanted = [text for text in request.GET.getlist("id")[:MOST_TILES] if _is_uuid(text)]
    stacks = stacks_of(with_tiles(Job.objects.filter(public_id__in=wanted)))
    context = {"stacks": stacks, "count": _count_of_grid(request)}
    return render_page(request, "gallery/tiles.html", context)


def _count_of_grid(request: MemberRequest) -> int | None:
    """Return how many match the filters of the grid that asks; None where another page asks."""
    address = urlsplit(request.htmx.current_url or "")
    if address.path != reverse("gallery:grid"):
        return None
    return found(read_filters(QueryDict(address.query), request.member)).count()


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False

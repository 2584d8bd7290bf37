"""The grid, the tiles of it that have changed, and the trash."""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import DomainError, NotAllowed
from apps.core.htmx import go_to, render_page
from apps.core.paging import latest_first, newest_first
from apps.gallery import services
from apps.gallery.queries import choices, days_left, found, read_filters, with_tiles
from apps.gallery.queries import trash as lying
from apps.gallery.tiles import stacks_of
from apps.jobs.models import Clip, Job
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
    return render_page(request, "gallery/tiles.html", {"stacks": stacks})


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


@require_safe
@member_required
def trash(request: MemberRequest) -> HttpResponse:
    """Show what was thrown away and can still be brought back, the latest first."""
    return _trash(request)


@require_POST
@member_required
def throw_away(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Move a clip to the trash; `to` in the address says where the person stands."""
    clip = _clip(public_id)
    services.throw_away(request.member, clip)
    undo = reverse("gallery:restore", args=[public_id])
    if _stands_in(request) == "grid":
        undo += "?to=grid"
    # The tag carries the address that takes it back: the toast offers it for a while.
    messages.success(request, _("Moved to trash."), extra_tags=undo)
    return _onward(request, clip)


@require_POST
@member_required
def restore(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Bring a clip back from the trash."""
    clip = _clip(public_id)
    services.restore(request.member, clip)
    messages.success(request, _("Restored from trash."))
    return _onward(request, clip)


@require_POST
@member_required
def empty_trash(request: MemberRequest) -> HttpResponse:
    """Let everything in the trash go for good, if it is what the person was asked about."""
    seen = request.POST.get("seen", "")
    try:
        services.empty_trash(
            request.member, seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0
        )
    except NotAllowed:
        raise
    except DomainError as problem:
        return _trash(request, problem=str(problem), status=422)
    messages.success(request, _("Trash emptied."))
    return go_to(request, "gallery:trash")


def _clip(public_id: UUID) -> Clip:
    return get_object_or_404(Clip.objects.arrived().select_related("job"), public_id=public_id)


def _stands_in(request: MemberRequest) -> str:
    return request.GET.get("to", "")


def _onward(request: MemberRequest, clip: Clip) -> HttpResponse:
    """Answer htmx with what has changed where the person stands, or lead them there."""
    here = _stands_in(request)
    if here == "grid":
        return _changed(request, clip) if request.htmx else go_to(request, "gallery:grid")
    if here != "trash":
        return go_to(request, clip)
    count = lying().count()
    if not request.htmx or not count:
        return go_to(request, "gallery:trash")
    return render_page(request, "gallery/restored.html", {"count": count})


def _changed(request: MemberRequest, clip: Clip) -> HttpResponse:
    stacks = stacks_of(with_tiles(Job.objects.filter(clips=clip)))
    address = QueryDict(urlsplit(request.htmx.current_url or "").query)
    count = found(read_filters(address, request.member)).count()
    return render_page(request, "gallery/changed.html", {"stacks": stacks, "count": count})


def _trash(request: MemberRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Return the page of the trash; `problem` is why it was not emptied."""
    page = latest_first(lying(), request.GET.get("after", ""), by="trashed_at", size=PAGE_SIZE)
    team = request.member.team
    context = {
        "page": page,
        "rows": [(clip, days_left(clip, team)) for clip in page.items],
        "count": lying().count(),
        "problem": problem,
    }
    return render_page(
        request, "gallery/trash.html", context, parts={"more": "more"}, status=status
    )

"""The files of clips, and the trash."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from apps.clips import services
from apps.clips.models import Clip
from apps.clips.queries import days_left, trashed_clips
from apps.core.errors import DomainError, NotAllowed
from apps.core.htmx import go_to, render_page
from apps.core.paging import latest_first
from apps.core.safe_redirect import safe_redirect_url
from apps.core.serving import serve
from apps.teams.access import MemberRequest, member_required

CONTENT_TYPES = {"video": "video/mp4", "poster": "image/webp", "sprite": "image/webp"}
PAGE_SIZE = 48


@require_safe
@member_required
def file(request: MemberRequest, public_id: UUID, kind: str) -> HttpResponseBase:
    """Serve a clip's video, poster or sprite to a member of its team, from the trash as well."""
    clip = get_object_or_404(Clip.objects.stored(), public_id=public_id)
    name = clip.file if kind == "video" else getattr(clip, kind)
    return serve(
        request,
        name,
        content_type=CONTENT_TYPES[kind],
        etag=f"{clip.sha256}-{kind}",
        download_name=clip.file_name if kind == "video" else "",
        as_attachment="download" in request.GET,
    )


@require_safe
@member_required
def former_file(_request: MemberRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Lead from the former address of a file to the present one: pages that are open link to it."""
    get_object_or_404(Clip.objects.stored(), public_id=public_id)
    return redirect("clips:file", public_id=public_id, kind=kind, permanent=True)


@require_safe
@member_required
def trash(request: MemberRequest) -> HttpResponse:
    """Show what is in the trash and can still be restored, the latest first."""
    return _trash_page(request)


@require_POST
@member_required
def move_to_trash(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Move a clip to the trash; `next` in the address is the page where the person is."""
    clip = _clip(public_id)
    services.move_to_trash(request.member, clip)
    undo = reverse("clips:restore", args=[public_id])
    if here := request.GET.get("next"):
        undo += f"?{urlencode({'next': here})}"
    # The tag carries the address that takes it back: the toast offers it for a while.
    messages.success(request, _("Moved to trash."), extra_tags=undo)
    return _answer(request, clip)


@require_POST
@member_required
def restore(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Restore a clip from the trash."""
    clip = _clip(public_id)
    services.restore(request.member, clip)
    messages.success(request, _("Restored from trash."))
    return _answer(request, clip)


@require_POST
@member_required
def empty_trash(request: MemberRequest) -> HttpResponse:
    """Delete everything in the trash, if it is what the person was asked about."""
    seen = request.POST.get("seen", "")
    count = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
    try:
        services.empty_trash(request.member, seen=count)
    except NotAllowed:
        raise
    except DomainError as problem:
        return _trash_page(request, problem=str(problem), status=422)
    messages.success(request, _("Trash emptied."))
    return go_to(request, "clips:trash")


def _clip(public_id: UUID) -> Clip:
    return get_object_or_404(Clip.objects.ever_saved(), public_id=public_id)


def _answer(request: MemberRequest, clip: Clip) -> HttpResponse:
    """Answer htmx with what has changed where the person is, or lead them there."""
    here = request.GET.get("next", "")
    if here == reverse("clips:trash"):
        count = trashed_clips().count()
        if not request.htmx or not count:
            return go_to(request, "clips:trash")
        return render_page(request, "clips/restored.html", {"count": count})
    if not here or not request.htmx:
        return go_to(request, safe_redirect_url(request, here, otherwise=clip.get_absolute_url()))
    # The page's live module then asks for the tiles concerned as they are now.
    answer = render_page(request, "components/messages.html", {})
    ids = [str(clip.order), str(clip.public_id)]
    return trigger_client_event(answer, "mjweb:changed", {"ids": ids})


def _trash_page(request: MemberRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Return the page of the trash; `problem` is why it was not emptied."""
    clips = trashed_clips()
    page = latest_first(clips, request.GET.get("after", ""), by="trashed_at", size=PAGE_SIZE)
    team = request.member.team
    context = {
        "page": page,
        "rows": [(clip, days_left(clip, team)) for clip in page.items],
        "count": clips.count(),
        "problem": problem,
    }
    return render_page(request, "clips/trash.html", context, parts={"more": "more"}, status=status)

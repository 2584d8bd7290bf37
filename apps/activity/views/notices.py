"""Pages of notices, and the people that an @ can mention."""

from collections.abc import Sequence

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.activity import services
from apps.activity.digest import DigestLine, digest_of
from apps.activity.mentions import suggestions
from apps.activity.models import Notice
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first
from apps.teams.access import MemberRequest, member_required
from apps.teams.scoping import hidden_projects

PAGE_SIZE = 100
MOST_MARKED = 1000


@require_safe
@member_required
def notices(request: MemberRequest) -> HttpResponse:
    """Show a person's notices, today's and earlier; `show=unread` leaves out the read ones."""
    mine, only_unread = Notice.objects.of(request.member), request.GET.get("show") == "unread"
    mine = mine.unread() if only_unread else mine
    found = mine.select_related("event__actor", "event__team")
    page = newest_first(found, request.GET.get("after", ""), size=PAGE_SIZE)
    today, earlier = _by_day(digest_of(page.items))
    context = {"page": page, "today": today, "earlier": earlier, "only_unread": only_unread}
    return render_page(request, "activity/notices.html", context, parts={"notices": "notices"})


def _by_day(lines: Sequence[DigestLine]) -> tuple[list[DigestLine], list[DigestLine]]:
    today = timezone.localdate()
    return [line for line in lines if line.day == today], [
        line for line in lines if line.day != today
    ]


@require_POST
@member_required
def mark_read(request: MemberRequest) -> HttpResponse:
    """Mark the given notices, or all, as read."""
    numbers = [int(one) for one in request.POST.get("numbers", "").split(",") if _is_number(one)]
    services.mark_read(request.member, None if request.POST.get("all") else numbers[:MOST_MARKED])
    return go_to(request, "activity:notices")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


@require_safe
@member_required
def people(request: MemberRequest) -> JsonResponse:
    """Suggest members to mention: those who see the project of the text."""
    project = request.GET.get("project", "")
    number = int(project) if _is_number(project) else None
    begun = request.GET.get("q", "")[:60]
    hidden = number is not None and number in hidden_projects()
    found = [] if hidden else suggestions(request.member.team, number, begun)
    rows = [
        {"handle": handle, "name": str(one.user), "initials": one.user.initials}
        for handle, one in found
    ]
    said = ngettext("%(count)d person", "%(count)d people", len(rows)) % {"count": len(rows)}
    return JsonResponse({"people": rows, "said": said})

"""The first page."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.core.htmx import render_page
from apps.desk.queries import desk_of
from apps.teams.access import MemberRequest, member_required


@require_safe
@member_required
def home(request: MemberRequest) -> HttpResponse:
    """Show what waits for this person."""
    return render_page(request, "desk/home.html", desk_of(request.member), parts={"desk": "desk"})

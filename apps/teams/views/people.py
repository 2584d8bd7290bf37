"""The page of who is in the team."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.core.htmx import render_page
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import DEED_NAMES, DEEDS, Role


@require_safe
@member_required
def people(request: MemberRequest) -> HttpResponse:
    """Show who is in the team, and what each role may do."""
    members = request.member.team.members.select_related("user").order_by("user__name", "pk")
    table = [(role.label, [deed in DEEDS[role] for deed in DEED_NAMES]) for role in Role]
    context = {"members": members, "table": table, "deeds": DEED_NAMES.values()}
    return render_page(request, "teams/people.html", context)

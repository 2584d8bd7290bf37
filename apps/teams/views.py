"""The pages about people."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.htmx import go_to, render_page
from apps.teams.access import MemberRequest, member_required
from apps.teams.forms import ProfileForm
from apps.teams.roles import DEED_NAMES, DEEDS, Role


@require_safe
@member_required
def people(request: MemberRequest) -> HttpResponse:
    """Show who is in the team, and what each role may do."""
    members = request.member.team.members.select_related("user").order_by("user__name", "pk")
    table = [(role.label, [deed in DEEDS[role] for deed in DEED_NAMES]) for role in Role]
    context = {"members": members, "table": table, "deeds": DEED_NAMES.values()}
    return render_page(request, "teams/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def profile(request: MemberRequest) -> HttpResponse:
    """Let somebody change their own settings."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your settings are saved."))
        return go_to(request, "teams:profile")
    return render_page(request, "teams/profile.html", {"form": form}, status=422 if form.errors else 200)

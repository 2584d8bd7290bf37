"""Beginning a team."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import NotAllowed
from apps.core.htmx import go_to, render_page
from apps.teams.access import UserRequest, may_found, sign_in_required
from apps.teams.account_forms import FoundingForm
from apps.teams.middleware import CHOSEN
from apps.teams.services import found_team


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def found(request: UserRequest) -> HttpResponse:
    """Let somebody begin a team, and go over to it."""
    if not may_found(request):
        raise NotAllowed(_("Teams are begun by invitation here. Ask an owner of a team to invite you."))
    form = FoundingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        member = found_team(form.cleaned_data["name"], request.user)
        request.session[CHOSEN] = member.team_id
        return go_to(request, "desk:home")
    status = 422 if request.method == "POST" else 200
    return render_page(request, "teams/found.html", {"form": form}, status=status)

"""Pages to see, export and erase what is stored about oneself."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import DomainError
from apps.core.events import record_all
from apps.core.htmx import go_to, render_page
from apps.operations.forms import EraseForm
from apps.operations.my_data import my_data
from apps.teams import services
from apps.teams.access import SignedInRequest, person_required


@require_safe
@person_required
def privacy(request: SignedInRequest) -> HttpResponse:
    """Show what is stored about this person, and offer an export."""
    return render_page(request, "operations/privacy.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
@person_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def erase(request: SignedInRequest) -> HttpResponse:
    """Erase this person's account, after a second sign-in and their address typed once more."""
    form = EraseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.erase(request.user)
        except DomainError as problem:
            form.add_error(None, str(problem))
        else:
            logout(request)
            messages.success(request, _("Your account was erased."))
            return go_to(request, "account_login")
    context = {
        "form": form,
        "in_the_way": services.teams_needing_an_owner(request.user),
        "left_empty": services.teams_without_others(request.user),
    }
    return render_page(
        request, "operations/erase.html", context, status=422 if form.errors else 200
    )


@require_POST
@person_required
def export(request: SignedInRequest) -> HttpResponse:
    """Export everything about this person as one JSON file, and record the export."""
    response = JsonResponse(
        my_data(request.user), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    name = f"mjweb-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "no-store"
    record_all("exported", request.user.memberships.all(), actor=request.user, what="own data")
    return response

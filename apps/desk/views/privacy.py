"""The page of what the house keeps about somebody."""

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from apps.activity.services import record_all
from apps.core.htmx import render_page
from apps.desk.mydata import my_data
from apps.teams.access import SignedInRequest, person_required


@require_safe
@person_required
def privacy(request: SignedInRequest) -> HttpResponse:
    """Say what is kept, and offer to take it along."""
    return render_page(request, "desk/privacy.html", {})


@require_POST
@person_required
def export(request: SignedInRequest) -> HttpResponse:
    """Hand out everything about this person as one JSON file, and write down that it was taken."""
    response = JsonResponse(my_data(request.user), json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"mjweb-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "no-store"
    record_all("exported", request.user.memberships.all(), actor=request.user, what="own data")
    return response

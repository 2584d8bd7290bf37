"""The switch of the team's original files."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.htmx import go_to
from apps.teams import services
from apps.teams.access import MemberRequest, member_required
from apps.teams.forms import OriginalsForm
from apps.teams.roles import Permission


@require_POST
@member_required
def originals(request: MemberRequest) -> HttpResponse:
    """Keep the files that are uploaded from now on, or only what is made of them."""
    request.member.require(Permission.GOVERN)
    form = OriginalsForm(request.POST)
    form.full_clean()  # a switch is on or off, and never wrong
    keeps = form.cleaned_data["keeps_originals"]
    if services.set_keeps_originals(request.member, keeps=keeps):
        kept = _("Original files are kept from now on.")
        messages.success(request, kept if keeps else _("No more original files are kept."))
    return go_to(request, "teams:settings")

"""The page of a person's own settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.htmx import go_to, render_page
from apps.teams.access import MemberRequest, session_required
from apps.teams.forms import ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
@session_required
def profile(request: MemberRequest) -> HttpResponse:
    """Show and change a person's own settings."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Settings saved."))
        return go_to(request, "teams:profile")
    return render_page(
        request, "teams/profile.html", {"form": form}, status=422 if form.errors else 200
    )

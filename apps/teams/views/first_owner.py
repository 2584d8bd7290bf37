"""Sign-up of an installation's first owner."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.htmx import render_page
from apps.core.requests import Request
from apps.teams.account_forms import FirstOwnerForm
from apps.teams.services import create_first_owner, is_first_owner_token


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: Request, token: str) -> HttpResponse:
    """Create the first owner and sign them in; 404 once there is an account."""
    if not is_first_owner_token(token):
        raise Http404
    form = FirstOwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        owner = create_first_owner(token, **form.cleaned_data)
        answer: HttpResponse = perform_login(
            request, owner.user, redirect_url=resolve_url(settings.LOGIN_REDIRECT_URL)
        )
        return answer
    status = 422 if request.method == "POST" else 200
    return render_page(request, "teams/welcome.html", {"form": form}, status=status)

"""The page of a person's tokens."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.teams import services
from apps.teams.access import MemberRequest, session_required
from apps.teams.forms import TokenForm
from apps.teams.models import Token
from apps.teams.roles import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@session_required
def tokens(request: MemberRequest) -> HttpResponse:
    """List the person's tokens, and create one; its secret is shown in this answer only."""
    form = TokenForm(request.POST or None, member=request.member)
    if request.method == "POST" and form.is_valid():
        request.member.require(Permission.AUTOMATE)
        try:
            _token, secret = services.create_token(request.member, **form.cleaned_data)
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            return _page(request, TokenForm(member=request.member), secret=secret)
    return _page(request, form, status=422 if form.errors else 200)


@require_POST
@session_required
def revoke_token(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Revoke a token of this team."""
    token = get_object_or_404(Token, public_id=public_id, member__team=request.member.team)
    services.revoke_token(request.member, token)
    messages.success(request, _("“%s” was revoked.") % token)
    return go_to(request, "teams:tokens")


def _page(
    request: MemberRequest, form: TokenForm, *, secret: str = "", status: int = 200
) -> HttpResponse:
    of_team = Token.objects.filter(member__team=request.member.team).select_related("member__user")
    context = {
        "form": form,
        "secret": secret,
        "mine": of_team.filter(member=request.member).order_by("-pk"),
        "others": of_team.active().exclude(member=request.member).order_by("-pk")
        if request.member.may(Permission.GOVERN)
        else [],
    }
    response = render_page(request, "teams/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response

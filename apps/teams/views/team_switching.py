"""Switching between teams, and creating another."""

from uuid import UUID

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import NotAllowed
from apps.core.htmx import go_to, render_page
from apps.core.safe_redirect import safe_redirect_url
from apps.teams import services
from apps.teams.access import PersonRequest, SignedInRequest, person_required
from apps.teams.forms import NewTeamForm
from apps.teams.models import Member, Team
from apps.teams.session_keys import TEAM_KEY


@require_POST
@person_required
def switch(request: SignedInRequest) -> HttpResponse:
    """Switch to another of the person's teams."""
    membership = _membership(request, request.POST.get("team", ""))
    work_in(request, membership.team)
    return go_to(
        request,
        safe_redirect_url(
            request, request.POST.get("next", ""), otherwise=settings.LOGIN_REDIRECT_URL
        ),
    )


@require_safe
@person_required
def go(request: SignedInRequest, team: UUID) -> HttpResponse:
    """Open a page of one of the person's teams; ask first if it means switching."""
    membership = _membership(request, str(team))
    onward = safe_redirect_url(
        request, request.GET.get("next", ""), otherwise=settings.LOGIN_REDIRECT_URL
    )
    if membership == request.member:
        return redirect(onward)
    return render_page(request, "teams/go.html", {"team": membership.team, "next": onward})


@require_http_methods(["GET", "HEAD", "POST"])
@person_required
@rate_limit(action="create_team")  # type: ignore[untyped-decorator]  # allauth has no types
def create(request: SignedInRequest) -> HttpResponse:
    """Create another team."""
    if not request.user.may_create_team:
        raise NotAllowed(_("Only the operators of this installation can create teams."))
    form = NewTeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        member = services.create_another_team(
            request.user,
            form.cleaned_data["name"],
            idempotency_key=form.cleaned_data["idempotency_key"],
        )
        work_in(request, member.team)
        messages.success(request, _("%s is ready. Invite your team.") % member.team)
        return go_to(request, "teams:people")
    return render_page(
        request, "teams/create.html", {"form": form}, status=422 if form.errors else 200
    )


def work_in(request: SignedInRequest, team: Team) -> None:
    """Choose this team for this browser and for the next sign-in."""
    request.session[TEAM_KEY] = team.pk
    services.remember_team(request.user, team)


def _membership(request: PersonRequest, team: str) -> Member:
    """Return the person's membership in this team, or raise Http404."""
    for one in request.memberships:
        if str(one.team.public_id) == team:
            return one
    raise Http404

"""Guards of pages: signed in, in a team, and in the team that the page was made for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget

from apps.core.requests import Request
from apps.teams.models import Member, User

TEAM_FIELD = "x-team"  # the form field that names the team of the page it stood on


class PersonRequest(Request):
    """Any request; `member` is None for strangers and for people without an open team."""

    member: Member | None
    # All memberships of the person, and the chosen one where its team is suspended.
    memberships: list[Member]
    suspended_member: Member | None


class SignedInRequest(PersonRequest):
    """A request of a signed-in person, in a team or not."""

    user: User


class MemberRequest(Request):
    """A request of a member of a team, as member_required lets it in."""

    member: Member
    user: User


def member_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let members in; send strangers to the sign-in, and show others why they have no team."""

    @wraps(view)
    def guarded_view(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in_response(request)
        if request.member is None:
            page = "teams/suspended.html" if request.suspended_member else "teams/no_team.html"
            return render(request, page, status=403)
        if _is_of_another_team(request, request.member):
            return _another_team_response(request)
        return view(request, *args, **kwargs)

    guarded_view.takes_tokens = True  # type: ignore[attr-defined]  # read by MemberMiddleware
    return guarded_view


def session_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let members in who have a session; tokens may not open pages about a person."""
    guarded_view = member_required(view)
    guarded_view.takes_tokens = False  # type: ignore[attr-defined]
    return guarded_view


def person_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let signed-in people in; send strangers to the sign-in."""

    @wraps(view)
    def guarded_view(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in_response(request)
        return view(request, *args, **kwargs)

    return guarded_view


def _is_of_another_team(request: PersonRequest, member: Member) -> bool:
    """Whether the form is of one team while another tab has switched to a second one."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    named = request.headers.get(TEAM_FIELD) or request.POST.get(TEAM_FIELD)
    return bool(named) and named != str(member.team.public_id)


def _another_team_response(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return render(request, "teams/another_team.html", status=409)
    response = render(request, "teams/another_team.html#notice", status=409)
    return reswap(retarget(response, "#toasts"), "beforeend")


def _sign_in_response(request: PersonRequest) -> HttpResponse:
    if request.htmx:  # a redirect would swap the sign-in page into a part of this page
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())

"""The door of every page: strangers sign in, people without a team are told so."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget

from apps.core.requests import Request
from apps.teams.models import Member, User

TEAM_FIELD = "x-team"  # what a form says of the team whose page it hung in


class PersonRequest(Request):
    """A request of anybody; `member` is None for strangers, and for people who are in no team that is open."""

    member: Member | None
    # All of a person's memberships, and the one they would act under if its team were not
    # suspended.
    memberships: list[Member]
    suspended_member: Member | None


class SignedInRequest(PersonRequest):
    """A request of somebody who has signed in, in a team or not."""

    user: User


class MemberRequest(Request):
    """A request that came through the door: somebody in a team."""

    member: Member
    user: User


def member_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let members in; send strangers to the sign-in, tell the teamless what to do."""

    @wraps(view)
    def door(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_the_sign_in(request)
        if request.member is None:
            page = "teams/suspended.html" if request.suspended_member else "teams/no_team.html"
            return render(request, page, status=403)
        if _is_of_another_team(request, request.member):
            return _another_team(request)
        return view(request, *args, **kwargs)

    door.takes_tokens = True  # type: ignore[attr-defined]  # read by MemberMiddleware
    return door


def session_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let members in, and no machine: pages about somebody themselves."""
    door = member_required(view)
    door.takes_tokens = False  # type: ignore[attr-defined]
    return door


def person_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let everybody in who has signed in; send strangers to the sign-in."""

    @wraps(view)
    def door(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_the_sign_in(request)
        return view(request, *args, **kwargs)

    return door


def _is_of_another_team(request: PersonRequest, member: Member) -> bool:
    """Tell whether a page of one team sends something while another was chosen, in a tab beside it."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    said = request.headers.get(TEAM_FIELD) or request.POST.get(TEAM_FIELD)
    return bool(said) and said != str(member.team.public_id)


def _another_team(request: PersonRequest) -> HttpResponse:
    if not request.htmx:
        return render(request, "teams/another_team.html", status=409)
    response = render(request, "teams/another_team.html#notice", status=409)
    return reswap(retarget(response, "#toasts"), "beforeend")


def _to_the_sign_in(request: PersonRequest) -> HttpResponse:
    if request.htmx:  # a redirect would put the sign-in page where a part of this one hangs
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())

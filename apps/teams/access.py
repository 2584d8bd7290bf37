"""The door of every page: strangers sign in, people without a team are told so."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from apps.core.requests import Request
from apps.teams.models import Member, User


class PersonRequest(Request):
    """A request of anybody; `member` is None for strangers and for people without a team."""

    member: Member | None


class UserRequest(PersonRequest):
    """A request of somebody who has signed in."""

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
            return render(request, "teams/no_team.html", {"may_found": may_found(request)}, status=403)
        return view(request, *args, **kwargs)

    door.takes_tokens = True  # type: ignore[attr-defined]  # read by MemberMiddleware
    return door


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in whoever has signed in, in a team or in none, and no machine."""

    @wraps(view)
    def door(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else _to_the_sign_in(request)

    return door


def in_person(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let members in, and no machine: pages about somebody themselves."""
    door = member_required(view)
    door.takes_tokens = False  # type: ignore[attr-defined]
    return door


def sign_in_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let everybody in who has signed in, in a team or not; send strangers to the sign-in."""

    @wraps(view)
    def door(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_the_sign_in(request)
        return view(request, *args, **kwargs)

    return door


def may_found(request: HttpRequest) -> bool:
    """Whether this person may begin a team of their own: an operator, or anybody where everybody may sign up."""
    return settings.SIGN_UP == "open" or getattr(request.user, "is_staff", False)


def _to_the_sign_in(request: PersonRequest) -> HttpResponse:
    if request.htmx:  # a redirect would put the sign-in page where a part of this one hangs
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())

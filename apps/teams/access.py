"""The door of every page: strangers sign in, people without a team are told so."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.teams.models import Member


class MemberRequest(HttpRequest):
    """A request that came through the door: somebody in a team."""

    member: Member


def member_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let members in; send strangers to the sign-in, tell the teamless what to do."""

    @login_required
    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.member is None:
            return render(request, "teams/no_team.html", status=403)
        return view(request, *args, **kwargs)

    return door

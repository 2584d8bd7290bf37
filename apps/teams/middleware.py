"""Runs each signed-in request as a member, inside the scope of the member's team."""

import zoneinfo
from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import ip_address
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from apps.core.client_address import use_client_address
from apps.teams.access import PersonRequest
from apps.teams.models import Member, User
from apps.teams.scoping import within
from apps.teams.session_keys import TEAM_KEY
from apps.teams.token_authentication import (
    BadToken,
    member_of_token,
    refuse_token,
    refuse_token_here,
)


class MemberMiddleware:
    """Sets `request.member`, and enters the scope of its team and the person's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        """Answer inside the team's scope; without a team, scoped queries refuse to run."""
        origin = client_address_of(request)
        try:
            machine = member_of_token(request, origin)
        except BadToken:
            return refuse_token()
        if machine:
            _use_member_of_token(request, machine)
        request.memberships = [machine] if machine else memberships_of(request)
        chosen = _chosen_membership(request, request.memberships)
        request.member, request.suspended_member = (
            (None, chosen) if _is_suspended(chosen) else (chosen, None)
        )
        with ExitStack() as stack:
            stack.enter_context(use_client_address(origin))
            stack.enter_context(timezone.override(_time_zone_of(request)))
            if request.member:
                structlog.contextvars.bind_contextvars(team_id=request.member.team_id)
                stack.enter_context(within(request.member.team))
            response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    def process_view(
        self, request: PersonRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        """Refuse a token on each page that does not take tokens."""
        is_machine = any(one.is_machine for one in request.memberships)
        if is_machine and not getattr(view, "takes_tokens", False):
            return refuse_token_here()
        return None


def _use_member_of_token(request: HttpRequest, machine: Member) -> None:
    """Run the request as the token's member; without a cookie, CSRF is no danger."""
    request.user = machine.user
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001  # as Django's own test client does


class NoStoreMiddleware:
    """Forbids caching of sign-in pages: passwords, codes and one-time links."""

    ROUTES = ("accounts/", "team/welcome/", "team/me/security/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and forbid caching where needed."""
        response = self.get_response(request)
        if request.resolver_match and request.resolver_match.route.startswith(self.ROUTES):
            add_never_cache_headers(response)
        return response


def member_of(request: HttpRequest) -> Member | None:
    """Return the membership this request acts under, None without an open team."""
    chosen = _chosen_membership(request, memberships_of(request))
    return None if _is_suspended(chosen) else chosen


def memberships_of(request: HttpRequest) -> list[Member]:
    """Return a person's memberships, the oldest first."""
    if not isinstance(request.user, User) or not request.user.is_authenticated:
        return []
    return list(request.user.memberships.select_related("team", "user").order_by("pk"))


def _chosen_membership(request: HttpRequest, memberships: list[Member]) -> Member | None:
    """Return the membership chosen in this browser, else the last one, else the first open."""
    if not memberships:
        return None
    by_team = {one.team_id: one for one in memberships}
    wanted = [request.session.get(TEAM_KEY), memberships[0].user.last_team_id]
    known = [by_team[team] for team in wanted if team in by_team]
    return next(
        iter(known + [one for one in memberships if not _is_suspended(one)]), memberships[0]
    )


def _is_suspended(member: Member | None) -> bool:
    return member is not None and member.team.is_suspended


def client_address_of(request: HttpRequest) -> str | None:
    """Return the client's network address, as the server's trusted proxies report it."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:  # a Unix socket has no address
        return None


def _time_zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """Return the person's time zone, else the browser's, else None for the default."""
    wanted = getattr(request.user, "time_zone", "") or request.COOKIES.get("tz", "")
    try:
        return zoneinfo.ZoneInfo(wanted) if wanted else None
    except (KeyError, ValueError, OSError):  # not a time zone that this machine knows
        return None

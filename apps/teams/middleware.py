"""Every signed-in request runs as a member, inside the member's team."""

import zoneinfo
from collections.abc import Callable
from contextlib import ExitStack

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.teams.access import PersonRequest
from apps.teams.models import Member, User
from apps.teams.scoping import within


class MemberMiddleware:
    """Set `request.member` (None for strangers), enter its team's scope and the person's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        """Answer inside the scope of the person's team; without one, scoped queries refuse to run."""
        request.member = member_of(request)
        with ExitStack() as stack:
            stack.enter_context(timezone.override(_zone(request)))
            if request.member:
                structlog.contextvars.bind_contextvars(team_id=request.member.team_id)
                stack.enter_context(within(request.member.team))
            response = self.get_response(request)
        if request.member and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response


def member_of(request: HttpRequest) -> Member | None:
    """Return the membership this request acts under: the first one of the signed-in person."""
    if not isinstance(request.user, User) or not request.user.is_authenticated:
        return None
    return request.user.memberships.select_related("team").order_by("pk").first()


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    """Return the person's own choice, else what the browser says, else the installation's."""
    wanted = getattr(request.user, "time_zone", "") or request.COOKIES.get("tz", "")
    try:
        return zoneinfo.ZoneInfo(wanted) if wanted else None
    except (KeyError, ValueError, OSError):  # a name this machine does not know, or none at all
        return None

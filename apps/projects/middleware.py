"""Hides private projects from members who are not on their list."""

from collections.abc import Callable

from django.http import HttpResponse

from apps.projects.queries import as_seen_by
from apps.teams.access import PersonRequest


class HiddenProjectsMiddleware:
    """Runs after MemberMiddleware, for sessions and tokens alike."""

    def __init__(self, get_response: Callable[[PersonRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        """Answer inside the member's scope; strangers have none."""
        if request.member is None:
            return self.get_response(request)
        with as_seen_by(request.member):
            return self.get_response(request)

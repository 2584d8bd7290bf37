"""Every request is answered without the projects that are hidden from whoever asks."""

from collections.abc import Callable

from django.http import HttpResponse

from apps.projects.queries import as_seen_by
from apps.teams.access import PersonRequest


class HiddenProjectsMiddleware:
    """Stands right behind the one that says who asks, however they proved it: by a session or by a token."""

    def __init__(self, get_response: Callable[[PersonRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        """Answer inside the scope of what this member sees; strangers have no scope at all."""
        if request.member is None:
            return self.get_response(request)
        with as_seen_by(request.member):
            return self.get_response(request)

"""The live stream over HTTP, and the bell that it updates."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.activity.stream import tail
from apps.core.database import close_stale_connections
from apps.teams.access import MemberRequest, member_required
from apps.teams.middleware import member_of
from apps.teams.models import Member


async def stream(request: HttpRequest) -> HttpResponseBase:
    """Stream the team's changes to a member as server-sent events; strangers get 401."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    member = await sync_to_async(_member_alone)(request)
    if member is None:
        return HttpResponse(status=401)
    return StreamingHttpResponse(
        tail().listen(member),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _member_alone(request: HttpRequest) -> Member | None:
    """Return the member, and close the database connection: a stream may last for a day."""
    try:
        return member_of(request)
    finally:
        close_stale_connections()


@require_safe
@member_required
def bell(request: MemberRequest) -> HttpResponse:
    """Show the bell with its count, as every page has it in its bar."""
    return render(request, "components/bell.html")

"""The live stream over HTTP."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from apps.activity.stream import tail
from apps.teams.middleware import member_of


async def stream(request: HttpRequest) -> HttpResponseBase:
    """Tell a member which of the team's jobs change, as server-sent events; strangers get 401."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    member = await sync_to_async(member_of)(request)
    if member is None:
        return HttpResponse(status=401)
    return StreamingHttpResponse(
        tail().listen(member.team_id),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )

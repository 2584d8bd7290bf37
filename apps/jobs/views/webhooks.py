"""The address of the vendors' webhooks."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.jobs import services


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str, word: str) -> HttpResponse:
    """Receive one webhook; `webhook_batcher` receives many at once, in front of this view."""
    (status,) = services.receive_webhooks(
        [services.WebhookRequest(kind, word, request.headers, request.body)]
    )
    return HttpResponse(status=status)

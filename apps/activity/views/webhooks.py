"""Pages of the team's webhooks, for its owners."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.activity import services
from apps.activity.forms import WebhookForm
from apps.activity.models import Delivery, Webhook
from apps.activity.notification_topics import TEST, all_topics
from apps.activity.states import DeliveryStatus
from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

PAGE_SIZE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def webhooks(request: MemberRequest) -> HttpResponse:
    """List the team's webhooks and create one; its secret is in this answer alone."""
    request.member.require(Permission.GOVERN)
    form = WebhookForm(None, request.POST or None)
    created = None
    secret = ""  # nosec B105  # none so far
    if request.method == "POST" and form.is_valid():
        try:
            created, secret = services.create_webhook(request.member, **form.cleaned_data)
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("Webhook created. Send it a test."))
            if not secret:
                return go_to(request, created)
            form = WebhookForm(None)
    rows = Webhook.objects.select_related("created_by").order_by("pk")
    context = {"webhooks": rows, "form": form, "created": created, "secret": secret}
    status = 422 if form.errors else 200
    response = render_page(request, "activity/webhooks.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def webhook(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one webhook with its latest deliveries, and save changes to it."""
    request.member.require(Permission.GOVERN)
    webhook = _webhook(public_id)
    form = WebhookForm(webhook, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(request.member, webhook, **form.cleaned_data)
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("Webhook saved."))
            return go_to(request, webhook)
    after = request.GET.get("after", "")
    page = newest_first(webhook.deliveries.defer("body"), after, size=PAGE_SIZE)
    labels = {key: topic.for_webhooks for key, topic in all_topics().items()}
    context = {
        "webhook": webhook,
        "form": form,
        "page": page,
        "labels": labels | {TEST: _("Test")},
        "is_waiting": any(one.state == DeliveryStatus.WAITING for one in page.items),
    }
    return render_page(
        request,
        "activity/webhook.html",
        context,
        parts={"deliveries": "deliveries"},
        status=422 if form.errors else 200,
    )


@require_POST
@member_required
def test_webhook(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send a test."""
    request.member.require(Permission.GOVERN)
    webhook = _webhook(public_id)
    services.send_test(request.member, webhook)
    messages.info(request, _("Sending a test. Its result will appear below."))
    return go_to(request, webhook)


@require_POST
@member_required
def delete_webhook(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Delete a webhook."""
    request.member.require(Permission.GOVERN)
    services.delete_webhook(request.member, _webhook(public_id))
    messages.success(request, _("Webhook deleted."))
    return go_to(request, "activity:webhooks")


@require_POST
@member_required
def redeliver(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Have a message tried again."""
    request.member.require(Permission.GOVERN)
    deliveries = Delivery.objects.select_related("webhook")
    delivery = get_object_or_404(deliveries, public_id=public_id)
    services.redeliver(request.member, delivery)
    messages.info(request, _("Sending it again."))
    return go_to(request, delivery.webhook)


def _webhook(public_id: UUID) -> Webhook:
    return get_object_or_404(Webhook, public_id=public_id)

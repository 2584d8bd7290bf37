"""The team's outgoing hooks, for its owners."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.activity import services
from apps.activity.forms import HookForm
from apps.activity.models import Delivery, Hook
from apps.activity.states import Fate
from apps.activity.topics import BY_KEY
from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

PAGE_SIZE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def hooks(request: MemberRequest) -> HttpResponse:
    """Show the team's hooks, and make another; the secret of a new one is shown in this answer alone."""
    request.member.require(Permission.GOVERN)
    form, made, secret = HookForm(None, request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = services.make_hook(request.member, **form.cleaned_data)
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("The hook is made. Send it a test."))
            if not secret:
                return go_to(request, made)
            form = HookForm(None)
    rows = Hook.objects.select_related("created_by").order_by("pk")
    context = {"hooks": rows, "form": form, "made": made, "secret": secret}
    response = render_page(
        request, "activity/hooks.html", context, status=422 if form.errors else 200
    )
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def hook(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one hook with its last deliveries, and take changes."""
    request.member.require(Permission.GOVERN)
    hook = _hook(public_id)
    form = HookForm(hook, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_hook(request.member, hook, **form.cleaned_data)
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("The hook is changed."))
            return go_to(request, hook)
    page = newest_first(hook.deliveries.defer("body"), request.GET.get("after", ""), size=PAGE_SIZE)
    labels = {key: topic.for_hooks for key, topic in BY_KEY.items()} | {"test": _("Test")}
    waits = any(one.fate == Fate.WAITING for one in page.items)
    context = {"hook": hook, "form": form, "page": page, "labels": labels, "waits": waits}
    return render_page(
        request,
        "activity/hook.html",
        context,
        parts={"deliveries": "deliveries"},
        status=422 if form.errors else 200,
    )


@require_POST
@member_required
def test_hook(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send a test."""
    request.member.require(Permission.GOVERN)
    hook = _hook(public_id)
    services.send_test(request.member, hook)
    messages.info(
        request, _("A test is on its way. Whether it came through stands below in a moment.")
    )
    return go_to(request, hook)


@require_POST
@member_required
def remove_hook(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take a hook away."""
    request.member.require(Permission.GOVERN)
    services.remove_hook(request.member, _hook(public_id))
    messages.success(request, _("The hook is gone."))
    return go_to(request, "activity:hooks")


@require_POST
@member_required
def redeliver(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Have a message tried again."""
    request.member.require(Permission.GOVERN)
    delivery = get_object_or_404(Delivery.objects.select_related("hook"), public_id=public_id)
    services.redeliver(request.member, delivery)
    messages.info(request, _("It is tried again."))
    return go_to(request, delivery.hook)


def _hook(public_id: UUID) -> Hook:
    return get_object_or_404(Hook, public_id=public_id)

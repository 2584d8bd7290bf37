"""Ordering: a new clip, or a clip made longer."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import push_url

from apps.budgets.services import OverBudget, warnings_for
from apps.clips.models import Clip
from apps.core.errors import DomainError
from apps.core.htmx import render_page
from apps.jobs import services
from apps.jobs.forms import ExtendForm, OrderForm
from apps.jobs.models import Job, VendorAccount
from apps.jobs.queries import (
    initial_aspect_ratio,
    initial_values,
    initial_values_for_extension,
    job_of,
    last_order_of,
    moderation_of,
    plan_again,
    project_for,
    rerun_source,
    take_before,
    why_from_here,
    why_not_longer,
)
from apps.jobs.views.resubmission import duplicate_warning, last_order_seen_by, redirect_to_order
from apps.projects.models import Project
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

PARTS = {"order-form": "form"}


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def create(request: MemberRequest) -> HttpResponse:
    """Order a job: pick an image, the words and the parameters, see the price, press."""
    request.member.require(Permission.CREATE)
    project = project_for(request.GET)
    if project is None:
        return render(request, "jobs/no_project.html")
    if request.method != "POST":
        return _order_anew(request, project)
    form = OrderForm(project, request.POST)
    if not form.is_valid():
        return _order_page(request, form, status=422)
    last_order_seen = last_order_seen_by(request)
    try:
        job = services.order(request.member, _order_request(request, form, last_order_seen))
    except services.DuplicateOrder as fault:
        form.add_error(None, duplicate_warning(fault))
        return _order_page(request, form, status=422, last_order_seen=last_order_of(request.member))
    except OverBudget as fault:
        form.add_error(form.price_field if fault.is_unpriced else None, str(fault))
        return _order_page(request, form, status=422)
    return redirect_to_order(request, job)


def _order_anew(request: MemberRequest, project: Project) -> HttpResponse:
    """Show a new order form; a later part is ordered again from the clip that it extended."""
    again, note = rerun_source(request.GET), ""
    if again:
        first = plan_again(again)[0]
        take = take_before(first)
        why_not = why_not_longer(take, job_of(take)) if take else ""
        if take and not why_not:
            extend = reverse("jobs:extend", args=[take.public_id])
            return redirect(f"{extend}?{urlencode({'again': str(again.public_id)})}")
        note = f"{why_not} {why_from_here(again, first, take)}".strip()
    return _order_page(
        request, OrderForm(project, initial=initial_values(request.GET, project)), note=note
    )


@require_POST
@member_required
def preview(request: MemberRequest) -> HttpResponse:
    """Show the form again after another choice in it; nothing is ordered."""
    request.member.require(Permission.CREATE)
    if chosen := request.POST.get("project"):
        return _for_another_project(request, project_for({"project": chosen}))
    project = project_for(request.GET)
    if project is None:
        raise Http404
    initial = _typed_values(request)
    if (request.htmx.trigger or "").startswith("order-images"):
        # Another image: begin with the shape that crops it least.
        initial |= initial_aspect_ratio(request.POST.get("image"))
    return _order_page(request, OrderForm(project, initial=initial))


def _for_another_project(request: MemberRequest, project: Project | None) -> HttpResponse:
    """Show the form with another project's images; all else that was chosen and written stays."""
    if project is None:
        raise Http404
    initial = _typed_values(request) | {"image": None} | initial_values({}, project)
    page = _order_page(request, OrderForm(project, initial=initial))
    address = urlencode({"project": str(project.public_id)})
    return push_url(page, f"{reverse('jobs:create')}?{address}")


def _typed_values(request: MemberRequest) -> dict[str, Any]:
    return {key: value for key, value in request.POST.items() if key != "csrfmiddlewaretoken"}


def _order_request(
    request: MemberRequest, form: OrderForm, last_order_seen: int
) -> services.OrderRequest:
    given = form.cleaned_data
    return services.OrderRequest(
        idempotency_key=given["idempotency_key"],
        image=given["image"],
        account=given["account"],
        text=given["text"],
        parameters=given["parameters"],
        is_urgent=given["is_urgent"],
        version=form.version,
        further=form.further,
        is_stepwise=bool(given.get("is_stepwise")),
        rerun_of=rerun_source(request.GET),
        last_order_seen=last_order_seen,
    )


def _address_of(request: MemberRequest, form: OrderForm) -> str:
    """Return what the form's own addresses carry along: its project, and the job it repeats."""
    again = rerun_source(request.GET)
    carried = {"project": str(form.project.public_id)}
    return urlencode(carried | ({"again": str(again.public_id)} if again else {}))


def _order_page(
    request: MemberRequest,
    form: OrderForm,
    *,
    note: str = "",
    status: int = 200,
    last_order_seen: int | None = None,
) -> HttpResponse:
    context = {
        "note": note,
        "last_order_seen": last_order_seen or last_order_seen_by(request),
        "form": form,
        "address": _address_of(request, form),
        "project": form.project,
        "projects": Project.objects.order_by("name").only("public_id", "name", "is_private"),
        **_money(request, form, form.project, form.vendor_account),
    }
    return render_page(request, "jobs/create.html", context, parts=PARTS, status=status)


def _money(
    request: MemberRequest,
    form: OrderForm | ExtendForm,
    project: Project,
    account: VendorAccount | None,
) -> dict[str, Any]:
    """Return what the button costs, and what a person should know before pressing it."""
    price = form.price
    total = None if price is None else form.count * price
    standings = warnings_for(request.member.team, project, request.user, price=total)
    return {
        "account": account,
        "price": price,
        "count": form.count,
        "total": total,
        "standings": [(standing, standing.has_room_for(total)) for standing in standings],
        "moderation": moderation_of(account) if account else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def extend(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Make a clip longer by one part or more; say why where that cannot be."""
    clip = _clip(public_id)
    request.member.require(Permission.CREATE)
    job = job_of(clip)
    why_not = why_not_longer(clip, job)
    if job is None or why_not:
        return _extension_refused(request, clip, why_not)
    if request.method != "POST":
        planned = initial_values_for_extension(request.GET, clip)
        form = ExtendForm(clip, job, initial=request.GET.dict() | planned)
        return _extend_page(request, form, is_planned=bool(planned))
    form = ExtendForm(clip, job, request.POST)
    if not form.is_valid():
        return _extend_page(request, form, status=422)
    given = form.cleaned_data
    try:
        first = services.extend(
            request.member,
            clip,
            form.prompts,
            idempotency_key=given["idempotency_key"],
            is_stepwise=bool(given.get("is_stepwise")),
            last_order_seen=last_order_seen_by(request),
        )
    except services.DuplicateOrder as fault:
        form.add_error(None, duplicate_warning(fault))
        return _extend_page(
            request, form, status=422, last_order_seen=last_order_of(request.member)
        )
    except DomainError as fault:
        form.add_error(None, str(fault))
        return _extend_page(request, form, status=422)
    return redirect_to_order(request, first)


@require_POST
@member_required
def extend_preview(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show the form again for another length; nothing is ordered."""
    clip = _clip(public_id)
    request.member.require(Permission.CREATE)
    job = job_of(clip)
    why_not = why_not_longer(clip, job)
    if job is None or why_not:
        return _extension_refused(request, clip, why_not)
    return _extend_page(request, ExtendForm(clip, job, initial=_typed_values(request)))


def _clip(public_id: UUID) -> Clip:
    clips = Clip.objects.stored().select_related("project")
    return get_object_or_404(clips, public_id=public_id)


def _extension_refused(request: MemberRequest, clip: Clip, why_not: str) -> HttpResponse:
    context = {"clip": clip, "why_not": why_not}
    status = 422 if request.method == "POST" else 200
    return render(request, "jobs/extend.html", context, status=status)


def _extend_page(
    request: MemberRequest,
    form: ExtendForm,
    *,
    is_planned: bool = False,
    status: int = 200,
    last_order_seen: int | None = None,
) -> HttpResponse:
    job: Job = form.job
    context = {
        "is_planned": is_planned,
        "last_order_seen": last_order_seen or last_order_seen_by(request),
        "form": form,
        "clip": form.clip,
        "job": job,
        **_money(request, form, job.project, job.account),
    }
    return render_page(
        request, "jobs/extend.html", context, parts={"extend-form": "form"}, status=status
    )

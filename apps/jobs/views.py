"""The pages of the jobs room, and the files of its clips."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.activity.models import Event
from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.core.serving import serve
from apps.jobs import services
from apps.jobs.forms import AccountForm, OrderForm
from apps.jobs.models import Clip, Job, VendorAccount
from apps.jobs.pace import pace_of, progress_of
from apps.jobs.queries import again_of, beginning, project_for, shape_of
from apps.projects.models import Project
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Deed
from apps.vendors.registry import OFFERS

PARTS = {"order-form": "form"}
CLIP_FILES = {"video": "video/mp4", "poster": "image/webp", "sprite": "image/webp"}


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def create(request: MemberRequest) -> HttpResponse:
    """Order a job: pick an image, the words and the parameters, see the price, press."""
    request.member.require(Deed.CREATE)
    project = project_for(request.GET)
    if project is None:
        return render(request, "jobs/no_project.html")
    if request.method != "POST":
        return _order_page(request, OrderForm(project, initial=beginning(request.GET, project)))
    form = OrderForm(project, request.POST)
    if not form.is_valid():
        return _order_page(request, form, status=422)
    job = services.order(request.member, **_order_of(form), again_of=again_of(request.GET))
    return go_to(request, job)


@require_POST
@member_required
def preview(request: MemberRequest) -> HttpResponse:
    """Show the form again with another prompt, vendor or price; nothing is ordered."""
    request.member.require(Deed.CREATE)
    project = project_for(request.GET)
    if project is None:
        raise Http404
    initial = {key: value for key, value in request.POST.items() if key != "csrfmiddlewaretoken"}
    if (request.htmx.trigger or "").startswith("order-images"):
        # Another image: begin with the shape that crops it least.
        initial |= shape_of(request.POST.get("image"))
    return _order_page(request, OrderForm(project, initial=initial))


def _order_of(form: OrderForm) -> dict[str, Any]:
    given = form.cleaned_data
    names = ("ticket", "image", "account", "text", "parameters")
    return {name: given[name] for name in names} | {"version": form.version}


def _address_of(request: MemberRequest, form: OrderForm) -> str:
    """Return what the form's own addresses carry along: its project, and the job it repeats."""
    again = again_of(request.GET)
    carried = {"project": str(form.project.public_id)}
    return urlencode(carried | ({"again": str(again.public_id)} if again else {}))


def _order_page(request: MemberRequest, form: OrderForm, *, status: int = 200) -> HttpResponse:
    projects = Project.objects.order_by("name").only("public_id", "name")
    context = {
        "form": form,
        "address": _address_of(request, form),
        "project": form.project,
        "projects": projects,
        "account": form.vendor_account,
        "price": form.price,
    }
    return render_page(request, "jobs/create.html", context, parts=PARTS, status=status)


@require_safe
@member_required
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one job: where it stands, why, what it cost, and what can be done."""
    job = get_object_or_404(
        Job.objects.select_related("project", "image", "account", "created_by"), public_id=public_id
    )
    events = Event.objects.filter(subject_id=job.public_id).select_related("actor").order_by("pk")
    percent, eta = progress_of(job, pace_of(job.account, job.resolution))
    context = {
        "job": job,
        "clips": job.clips.order_by("number"),
        "events": events,
        "percent": percent,
        "eta": eta,
    }
    return render_page(request, "jobs/show.html", context, parts={"job": "job"})


@require_POST
@member_required
def cancel(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take a job back that has not been sent."""
    job = get_object_or_404(Job, public_id=public_id)
    services.cancel(request.member, job)
    messages.success(request, _("The job is cancelled. Nothing was charged."))
    return go_to(request, job)


@require_POST
@member_required
def send_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send an unconfirmed job once more."""
    job = get_object_or_404(Job, public_id=public_id)
    services.send_again(request.member, job)
    return go_to(request, job)


@require_POST
@member_required
def give_up(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Stop waiting for an unconfirmed job."""
    job = get_object_or_404(Job, public_id=public_id)
    services.give_up(request.member, job)
    return go_to(request, job)


@require_safe
@member_required
def clip_file(request: MemberRequest, public_id: UUID, kind: str) -> HttpResponseBase:
    """Serve a clip's video, poster or sprite to a member of its team."""
    clip = get_object_or_404(Clip.objects.saved(), public_id=public_id)
    name = clip.file if kind == "video" else getattr(clip, kind)
    response = serve(request, name, content_type=CLIP_FILES[kind], etag=f"{clip.sha256}-{kind}")
    if "download" in request.GET:
        response["Content-Disposition"] = content_disposition_header(True, clip.file_name) or ""
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def accounts(request: MemberRequest) -> HttpResponse:
    """Show the team's vendor accounts; owners connect another."""
    if request.method == "POST":
        request.member.require(Deed.CONNECT)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.connect_account(request.member, base_url=OFFERS[given["kind"]].base_url, **given)
        except DomainError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("The vendor is connected."))
            return go_to(request, "jobs:accounts")
    context = {"accounts": VendorAccount.objects.order_by("pk"), "form": form}
    return render_page(request, "jobs/accounts.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def set_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an account take orders, or stop it."""
    account = get_object_or_404(VendorAccount, pk=pk)
    services.set_open(request.member, account, is_open=request.POST.get("is_open") == "yes")
    return go_to(request, "jobs:accounts")

"""The pages of the projects room, and the files of its images."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first
from apps.core.serving import serve
from apps.footage.errors import BadPicture
from apps.projects import services
from apps.projects.forms import ProjectForm, UploadForm
from apps.projects.handover import PictureTicket
from apps.projects.models import Image, Original, Project
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Deed
from apps.teams.scoping import everywhere

PAGE_SIZE = 48


@require_safe
@member_required
def index(request: MemberRequest) -> HttpResponse:
    """Show the team's projects."""
    context = {"projects": Project.objects.for_list(), "form": ProjectForm()}
    return render_page(request, "projects/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def begin(request: MemberRequest) -> HttpResponse:
    """Begin a project."""
    request.member.require(Deed.PLAN)
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return go_to(request, services.begin_project(request.member, **form.cleaned_data))
        except DomainError as problem:
            form.add_error("name", str(problem))
    status = 422 if form.errors else 200
    return render_page(request, "projects/begin.html", {"form": form}, status=status)


@require_safe
@member_required
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one project: its brief and its images."""
    project = get_object_or_404(Project, public_id=public_id)
    return _page(request, project, UploadForm())


@require_POST
@member_required
def upload(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Add pictures; the good ones stay even when others are faulty."""
    request.member.require(Deed.CREATE)
    project = get_object_or_404(Project, public_id=public_id)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, project, form, status=422)
    added = [
        image
        for image in (_added(request, project, form, file) for file in form.cleaned_data["pictures"])
        if image
    ]
    if added:
        said = ngettext("%d image added.", "%d images added.", len(added)) % len(added)
        messages.success(request, said)
        _tell_of_places(request, added)
    if form.errors:
        return _page(request, project, form, status=422)
    return go_to(request, project)


def _tell_of_places(request: MemberRequest, added: list[Image]) -> None:
    """Say which of the files that are kept as they came know where they were taken."""
    known = Original.objects.filter(image__in=added, says_where=True).values_list("name", flat=True)
    if known:
        said = _("The original keeps where it was taken: %s. Only people who add work here can download it.")
        messages.warning(request, said % ", ".join(known))


def _added(request: MemberRequest, project: Project, form: UploadForm, file: UploadedFile) -> Image | None:
    name = file.name or _("Untitled")
    try:
        return services.add_image(request.member, project, data=file.read(), name=name)
    except BadPicture as fault:
        form.add_error("pictures", f"{name}: {fault}")
        return None


def _page(request: MemberRequest, project: Project, form: UploadForm, *, status: int = 200) -> HttpResponse:
    page = newest_first(
        project.images.select_related("original"), request.GET.get("after", ""), size=PAGE_SIZE
    )
    context: dict[str, Any] = {
        "project": project,
        "page": page,
        "form": form,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
    }
    parts = {"images": "images", "upload": "upload", "more": "more"}
    return render_page(request, "projects/show.html", context, parts=parts, status=status)


@require_safe
@member_required
def image_file(request: MemberRequest, public_id: str, kind: str) -> HttpResponseBase:
    """Serve an image, or its thumbnail, to a member of its team."""
    image = get_object_or_404(Image, public_id=public_id)
    if kind == "thumbnail":
        return serve(request, image.thumbnail, content_type="image/webp", etag=f"{image.sha256}-t")
    return serve(
        request, image.file, content_type="image/jpeg", etag=image.sha256, called=f"{image.title[:80]}.jpg"
    )


@require_safe
@member_required
def original(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    """Hand the file an image was made from to somebody who may add such files; never to be looked at in place."""
    request.member.require(Deed.CREATE)
    kept = get_object_or_404(Original, image__public_id=public_id)
    return serve(request, kept.file, content_type="", etag=f"{kept.sha256}-o", called=kept.name, saved=True)


@require_safe
def handed_over(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Serve an image to whoever holds an unexpired ticket for it: the vendor that shall animate it."""
    try:
        public_id = PictureTicket.read(ticket)
    except signing.BadSignature:
        raise Http404 from None
    with everywhere():
        image = get_object_or_404(Image, public_id=public_id)
    return serve(request, image.file, content_type="image/jpeg", etag=image.sha256)

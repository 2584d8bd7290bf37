"""The pages of projects: list, grid of images, settings and members."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.disk_full import DISK_FULL, is_disk_full
from apps.core.errors import DomainError, NotAllowed
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first, search_words
from apps.projects import services
from apps.projects.forms import NewProjectForm, ProjectForm, UploadForm
from apps.projects.models import Image, Original, Project
from apps.projects.queries import listed_members, unlisted_members
from apps.teams.access import MemberRequest, member_required
from apps.teams.models import Member
from apps.teams.roles import Permission

PAGE_SIZE = 48
MOST_OTHERS = 10


@require_safe
@member_required
def index(request: MemberRequest) -> HttpResponse:
    """Show the team's projects."""
    context = {"projects": Project.objects.for_list()}
    return render_page(request, "projects/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def create(request: MemberRequest) -> HttpResponse:
    """Create a project."""
    request.member.require(Permission.PLAN)
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return go_to(request, services.create_project(request.member, **form.cleaned_data))
        except DomainError as problem:
            form.add_error("name", str(problem))
    status = 422 if form.errors else 200
    return render_page(request, "projects/create.html", {"form": form}, status=status)


@require_safe
@member_required
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show one project: its brief and its images."""
    project = get_object_or_404(Project, public_id=public_id)
    return _page(request, project, UploadForm())


@require_POST
@member_required
def upload(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Add pictures; good ones are kept even if others fail."""
    project = get_object_or_404(Project, public_id=public_id)
    request.member.require(Permission.CREATE)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, project, form, status=422)
    tried = [_add_file(request, project, form, file) for file in form.cleaned_data["pictures"]]
    if address := form.cleaned_data["address"]:
        tried.append(_add_from_url(request, project, form, address))
    added = [image for image in tried if image]
    if added:
        said = ngettext("%d image added.", "%d images added.", len(added)) % len(added)
        messages.success(request, said)
        _warn_of_locations(request, added)
    if form.errors:
        return _page(request, project, form, status=422)
    return go_to(request, project)


def _warn_of_locations(request: MemberRequest, added: list[Image]) -> None:
    """Warn about kept original files that say where they were taken."""
    known = Original.objects.filter(image__in=added, has_location=True).values_list(
        "name", flat=True
    )
    if known:
        said = _(
            "The original keeps where it was taken: %s. "
            "Only people who add work here can download it."
        )
        messages.warning(request, said % ", ".join(known))


def _add_file(
    request: MemberRequest, project: Project, form: UploadForm, file: UploadedFile
) -> Image | None:
    name = file.name or _("Untitled")
    if not file.size:
        form.add_error("pictures", _("“%s” is empty (0 kB).") % name)
        return None
    try:
        return services.add_image(request.member, project, data=file.read(), name=name)
    except DomainError as fault:
        form.add_error("pictures", f"{name}: {fault}")
    except OSError as fault:  # whatever was typed or chosen beside it comes back with the form
        if not is_disk_full(fault):
            raise
        form.add_error("pictures", f"{name}: {DISK_FULL}")
    return None


def _add_from_url(
    request: MemberRequest, project: Project, form: UploadForm, address: str
) -> Image | None:
    try:
        return services.fetch_image(request.member, project, address=address)
    except DomainError as fault:
        form.add_error("address", str(fault))
        return None


def _page(
    request: MemberRequest, project: Project, form: UploadForm, *, status: int = 200
) -> HttpResponse:
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


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def change(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show a project's settings; change its name and brief."""
    project = _project_to_plan(request, public_id)
    form = ProjectForm(request.POST or None, initial={"name": project.name, "brief": project.brief})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_project(request.member, project, **form.cleaned_data)
        except DomainError as problem:
            form.add_error("name", str(problem))
            project.refresh_from_db()
        else:
            messages.success(request, _("Project saved."))
            return go_to(request, "projects:change", public_id)
    return _settings(request, project, form, status=422 if form.errors else 200)


@require_POST
@member_required
def set_private(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Make a project private, or open it to the team."""
    project = _project_to_plan(request, public_id)
    try:
        if request.POST.get("is_private") == "yes":
            services.make_private(request.member, project)
            messages.success(
                request, _("The project is now private. Add the people you work with.")
            )
        else:
            services.open_to_team(request.member, project)
            messages.success(request, _("The whole team can now see the project."))
    except DomainError as problem:
        return _settings(request, project, problem=str(problem), status=422)
    return go_to(request, "projects:change", public_id)


@require_POST
@member_required
def add_member(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Add a member to a private project."""
    project = _project_to_plan(request, public_id)
    return _change_list(request, project, services.add_project_member, _("%s was added."))


@require_POST
@member_required
def remove_member(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Remove a member from a private project."""
    project = _project_to_plan(request, public_id)
    return _change_list(
        request, project, services.remove_project_member, _("%s was removed from this project.")
    )


def _change_list(
    request: MemberRequest,
    project: Project,
    deed: Callable[[Member, Project, Member], None],
    said: str,
) -> HttpResponse:
    """Apply a change to the chosen member, and show a message or the problem."""
    try:
        other = _chosen_member(request)
        deed(request.member, project, other)
    except NotAllowed:
        raise
    except DomainError as problem:
        return _settings(request, project, problem=str(problem), status=422)
    messages.success(request, said % other.user)
    is_gone = deed is services.remove_project_member and other == request.member
    return (
        go_to(request, "projects:list")
        if is_gone
        else go_to(request, "projects:change", project.public_id)
    )


def _chosen_member(request: MemberRequest) -> Member:
    """Return the member of this team that the form names."""
    try:
        named = UUID(request.POST.get("member", ""))
        return request.member.team.members.select_related("user").get(public_id=named)
    except (ValueError, Member.DoesNotExist):
        raise DomainError(_("Choose someone in this team.")) from None


def _project_to_plan(request: MemberRequest, public_id: UUID) -> Project:
    """Return the project, or raise unless this member may change its settings."""
    project = get_object_or_404(Project, public_id=public_id)
    request.member.require(Permission.PLAN)
    return project


def _settings(
    request: MemberRequest,
    project: Project,
    form: ProjectForm | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the settings page; `problem` says why the list of members is unchanged."""
    words = search_words(request.GET.get("q", ""))
    others = unlisted_members(project, words) if project.is_private else []
    context = {
        "project": project,
        "form": form or ProjectForm(initial={"name": project.name, "brief": project.brief}),
        "listed": listed_members(project) if project.is_private else [],
        "others": others[:MOST_OTHERS],
        "more_others": len(others) > MOST_OTHERS,
        "words": words,
        "problem": problem,
    }
    return render_page(
        request, "projects/change.html", context, parts={"others": "others"}, status=status
    )

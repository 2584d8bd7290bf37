"""The pages of the prompts room."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.core.paging import newest_first, search_words
from apps.prompts import services
from apps.prompts.forms import PromptForm, VersionForm
from apps.prompts.models import Prompt
from apps.teams.access import MemberRequest, member_required
from apps.teams.roles import Permission

PAGE_SIZE = 48


@require_safe
@member_required
def index(request: MemberRequest) -> HttpResponse:
    """Show the library; `q` searches titles and latest texts."""
    words = search_words(request.GET.get("q", ""))
    prompts = Prompt.objects.with_latest()
    if words:
        prompts = prompts.filter(Q(title__icontains=words) | Q(text__icontains=words))
    page = newest_first(prompts, request.GET.get("after", ""), size=PAGE_SIZE)
    parts = {"library": "library", "more": "more"}
    return render_page(request, "prompts/list.html", {"page": page, "words": words}, parts=parts)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def create(request: MemberRequest) -> HttpResponse:
    """Add a prompt to the library."""
    request.member.require(Permission.CREATE)
    form = PromptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return go_to(request, services.create_prompt(request.member, **form.cleaned_data))
        except DomainError as problem:
            form.add_error("title", str(problem))
    return render_page(
        request, "prompts/create.html", {"form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show a prompt with its versions, and add a version."""
    if request.method == "POST":
        request.member.require(Permission.CREATE)
    prompt = get_object_or_404(Prompt, public_id=public_id)
    versions = list(prompt.versions.select_related("created_by").order_by("-number"))
    form = VersionForm(request.POST or None, initial={"text": versions[0].text})
    if request.method == "POST" and form.is_valid():
        version = services.revise(request.member, prompt, **form.cleaned_data)
        messages.success(request, _("Saved as version %d.") % version.number)
        return go_to(request, prompt)
    context = {"prompt": prompt, "versions": versions, "form": form}
    return render_page(request, "prompts/show.html", context, status=422 if form.errors else 200)

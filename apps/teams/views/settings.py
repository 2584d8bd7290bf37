"""The page of team settings: name, roles, retention, ownership, archive."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.teams import services
from apps.teams.access import MemberRequest, member_required
from apps.teams.forms import MemberChoiceForm, OriginalFilesForm, RetentionForm, TeamForm
from apps.teams.models import Team
from apps.teams.roles import PERMISSION_NAMES, PERMISSIONS, Permission, Role


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def settings(request: MemberRequest) -> HttpResponse:
    """Show the team's settings, and rename the team."""
    if request.method != "POST":
        return _page(request)
    request.member.require(Permission.GOVERN)
    # A copy, so that a refused name does not show in the page header.
    form = TeamForm(request.POST, instance=Team.objects.get(pk=request.member.team_id))
    if not form.is_valid():
        return _page(request, form=form)
    services.rename(request.member, form.cleaned_data["name"])
    messages.success(request, _("Team name saved."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def archive(request: MemberRequest) -> HttpResponse:
    """Archive the team."""
    services.archive(request.member)
    messages.success(request, _("Team archived. Everything can still be read."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def reopen(request: MemberRequest) -> HttpResponse:
    """Reopen an archived team."""
    services.reopen(request.member)
    messages.success(request, _("Team reopened."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def transfer(request: MemberRequest) -> HttpResponse:
    """Transfer ownership to another member."""
    request.member.require(Permission.GOVERN)
    form = _owner_form(request)
    if not form.is_valid():
        return _page(request, owner_form=form)
    try:
        services.transfer_ownership(request.member, form.cleaned_data["who"])
    except DomainError as problem:
        form.add_error("who", str(problem))
        return _page(request, owner_form=form)
    messages.success(
        request, _("%s now owns this team. You are a producer.") % form.cleaned_data["who"].user
    )
    return go_to(request, "teams:settings")


@require_POST
@member_required
def retention(request: MemberRequest) -> HttpResponse:
    """Set how long events and the trash are kept."""
    request.member.require(Permission.GOVERN)
    form = RetentionForm(request.POST, instance=Team.objects.get(pk=request.member.team_id))
    if not form.is_valid():
        return _page(request, retention_form=form)
    with transaction.atomic():
        services.set_event_days(request.member, days=form.cleaned_data["event_days"])
        services.set_trash_days(request.member, days=form.cleaned_data["trash_days"])
    messages.success(request, _("Retention saved."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def original_files(request: MemberRequest) -> HttpResponse:
    """Start or stop keeping original files."""
    request.member.require(Permission.GOVERN)
    form = OriginalFilesForm(request.POST)
    form.full_clean()  # a switch is on or off, and never wrong
    keeps = form.cleaned_data["keeps_originals"]
    if services.set_keep_originals(request.member, keeps=keeps):
        kept = _("Original files will be kept.")
        messages.success(request, kept if keeps else _("Original files will no longer be kept."))
    return go_to(request, "teams:settings")


def _owner_form(request: MemberRequest) -> MemberChoiceForm:
    me = request.member
    others = me.team.members.exclude(pk=me.pk).filter(user__is_active=True).select_related("user")
    return MemberChoiceForm(
        request.POST or None, members=others.order_by("user__name", "pk"), label=_("New owner")
    )


def _page(
    request: MemberRequest,
    *,
    form: TeamForm | None = None,
    owner_form: MemberChoiceForm | None = None,
    retention_form: RetentionForm | None = None,
) -> HttpResponse:
    table = [
        (role.label, [permission in PERMISSIONS[role] for permission in PERMISSION_NAMES])
        for role in Role
    ]
    context = {
        "table": table,
        "permissions": PERMISSION_NAMES.values(),
        "form": form or TeamForm(instance=request.member.team),
        "owner_form": owner_form or _owner_form(request),
        "retention_form": retention_form or RetentionForm(instance=request.member.team),
        "originals_form": OriginalFilesForm(instance=request.member.team),
    }
    return render_page(
        request,
        "teams/settings.html",
        context,
        status=422 if form or owner_form or retention_form else 200,
    )

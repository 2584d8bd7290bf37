"""The team itself: its name, what its roles may do, its owners, its end."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.teams import services
from apps.teams.access import MemberRequest, member_required
from apps.teams.forms import KeepingForm, OriginalsForm, TeamForm, WhoForm
from apps.teams.models import Team
from apps.teams.roles import PERMISSION_NAMES, PERMISSIONS, Permission, Role


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def settings(request: MemberRequest) -> HttpResponse:
    """Show the team's settings; owners change its name."""
    if request.method != "POST":
        return _page(request)
    request.member.require(Permission.GOVERN)
    # A copy: a name that is refused must not stand in the head of the page.
    form = TeamForm(request.POST, instance=Team.objects.get(pk=request.member.team_id))
    if not form.is_valid():
        return _page(request, form=form)
    services.rename(request.member, form.cleaned_data["name"])
    messages.success(request, _("The team has its new name."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def archive(request: MemberRequest) -> HttpResponse:
    """Close the team's work."""
    services.archive(request.member)
    messages.success(request, _("The team is archived. Everything can still be read."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def open_again(request: MemberRequest) -> HttpResponse:
    """Go on with an archived team."""
    services.open_again(request.member)
    messages.success(request, _("The team is open again."))
    return go_to(request, "teams:settings")


@require_POST
@member_required
def hand_over(request: MemberRequest) -> HttpResponse:
    """Make somebody else the owner."""
    request.member.require(Permission.GOVERN)
    form = _owner_form(request)
    if not form.is_valid():
        return _page(request, owner_form=form)
    try:
        services.hand_over_ownership(request.member, form.cleaned_data["who"])
    except DomainError as problem:
        form.add_error("who", str(problem))
        return _page(request, owner_form=form)
    messages.success(
        request, _("%s owns this team now. You are a producer.") % form.cleaned_data["who"].user
    )
    return go_to(request, "teams:settings")


@require_POST
@member_required
def keep(request: MemberRequest) -> HttpResponse:
    """Set for how long events and the trash are kept."""
    request.member.require(Permission.GOVERN)
    form = KeepingForm(request.POST, instance=Team.objects.get(pk=request.member.team_id))
    if not form.is_valid():
        return _page(request, keeping_form=form)
    with transaction.atomic():
        services.keep_events(request.member, days=form.cleaned_data["event_days"])
        services.keep_trash(request.member, days=form.cleaned_data["trash_days"])
    messages.success(request, _("That is how long things are kept from now on."))
    return go_to(request, "teams:settings")


def _owner_form(request: MemberRequest) -> WhoForm:
    me = request.member
    others = me.team.members.exclude(pk=me.pk).filter(user__is_active=True).select_related("user")
    return WhoForm(
        request.POST or None, members=others.order_by("user__name", "pk"), label=_("The new owner")
    )


def _page(
    request: MemberRequest,
    *,
    form: TeamForm | None = None,
    owner_form: WhoForm | None = None,
    keeping_form: KeepingForm | None = None,
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
        "keeping_form": keeping_form or KeepingForm(instance=request.member.team),
        "originals_form": OriginalsForm(instance=request.member.team),
        "unfinished": services.unfinished_in(request.member.team),
    }
    return render_page(
        request,
        "teams/settings.html",
        context,
        status=422 if form or owner_form or keeping_form else 200,
    )

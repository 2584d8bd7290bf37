"""Pages of one member: role, removal, leaving."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import DomainError, NotAllowed
from apps.core.htmx import go_to, render_page
from apps.teams import services
from apps.teams.access import MemberRequest, member_required
from apps.teams.forms import MemberChoiceForm, RoleForm
from apps.teams.models import Member
from apps.teams.roles import DENIED_ABOVE, Permission, Role
from apps.teams.session_keys import TEAM_KEY


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def member(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Change a member's role."""
    person = _member_to_change(request, public_id)
    roles = Role(request.member.role).grantable_roles
    form = RoleForm(request.POST or None, roles=roles, initial={"role": person.role})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_role(request.member, person, Role(form.cleaned_data["role"]))
        except DomainError as problem:
            form.add_error("role", str(problem))
        else:
            messages.success(request, _("%s has a new role.") % person.user)
            return go_to(request, "teams:people")
    context = {"person": person, "form": form}
    return render_page(request, "teams/member.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def remove(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Remove a member, and reassign their open work."""
    person = _member_to_change(request, public_id)
    if person == request.member:
        return go_to(request, "teams:leave")
    form = _successor_form(request, person, first=request.member)
    if request.method == "POST" and form.is_valid():
        try:
            services.remove(request.member, person, form.cleaned_data["who"])
        except DomainError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("%s was removed from the team.") % person.user)
            return go_to(request, "teams:people")
    return _leaving_page(request, person, form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def leave(request: MemberRequest) -> HttpResponse:
    """Leave the team."""
    form = _successor_form(request, request.member)
    if request.method == "POST" and form.is_valid():
        try:
            services.leave(request.member, form.cleaned_data["who"])
        except DomainError as problem:
            form.add_error(None, str(problem))
        else:
            request.session.pop(TEAM_KEY, None)
            messages.success(request, _("You have left %s.") % request.member.team)
            return go_to(request, settings.LOGIN_REDIRECT_URL)
    return _leaving_page(request, request.member, form)


def _member_to_change(request: MemberRequest, public_id: UUID) -> Member:
    """Return the member, or raise NotAllowed unless the person may change them."""
    request.member.require(Permission.INVITE)
    members = request.member.team.members.select_related("user", "team")
    person: Member = get_object_or_404(members, public_id=public_id)
    if not request.member.may_change(person):
        raise NotAllowed(str(DENIED_ABOVE))
    return person


def _successor_form(
    request: MemberRequest, person: Member, *, first: Member | None = None
) -> MemberChoiceForm:
    successors = services.successors_of(person)
    initial = {"who": first.public_id} if first else {}
    return MemberChoiceForm(
        request.POST or None, members=successors, label=_("Reassign work to"), initial=initial
    )


def _leaving_page(request: MemberRequest, person: Member, form: MemberChoiceForm) -> HttpResponse:
    context = {
        "person": person,
        "form": form,
        "work": services.reassignable_counts(person.team, person.user),
        "is_only_owner": services.is_only_owner(person),
    }
    return render_page(request, "teams/leaving.html", context, status=422 if form.errors else 200)

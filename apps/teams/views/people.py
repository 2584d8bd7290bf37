"""The page of a team's members and invitations."""

from typing import Any
from uuid import UUID

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import DomainError
from apps.core.htmx import go_to, render_page
from apps.teams import services
from apps.teams.access import MemberRequest, member_required
from apps.teams.forms import InviteForm
from apps.teams.roles import Permission


@require_safe
@member_required
def people(request: MemberRequest) -> HttpResponse:
    """Show the members."""
    return _page(request)


@require_POST
@never_cache
@member_required
@rate_limit(action="invite")  # type: ignore[untyped-decorator]  # allauth has no types
def invite(request: MemberRequest) -> HttpResponse:
    """Create an invitation, and show its link once."""
    request.member.require(Permission.INVITE)
    form = InviteForm(request.POST, inviter=request.member)
    if not form.is_valid():
        return _page(request, form=form)
    try:
        invitation, token = services.invite(
            request.member,
            form.invitation_request,
            idempotency_key=form.cleaned_data["idempotency_key"],
        )
    except DomainError as problem:
        form.add_error(None, str(problem))
        return _page(request, form=form)
    link = services.invitation_link(token)
    return _page(request, made=invitation, link=link, was_mailed=services.mail(invitation, link))


@require_POST
@member_required
def revoke(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Revoke an invitation."""
    request.member.require(Permission.INVITE)
    invitation = get_object_or_404(request.member.team.invitations, public_id=public_id)
    services.revoke(request.member, invitation)
    messages.success(request, _("Invitation revoked. Its link no longer works."))
    return go_to(request, "teams:people")


def _page(request: MemberRequest, *, form: InviteForm | None = None, **made: Any) -> HttpResponse:
    me = request.member
    members = me.team.members.select_related("user", "team").order_by("user__name", "pk")
    context = {
        "people": [(one, me.may_change(one)) for one in members],
        "sends_mail": settings.EMAIL_IS_CONNECTED,
    }
    if me.may(Permission.INVITE):
        asked = me.team.invitations.still_open().select_related("created_by").order_by("-pk")
        context |= {"form": form or InviteForm(inviter=me), "invitations": asked}
    return render_page(request, "teams/people.html", context | made, status=422 if form else 200)

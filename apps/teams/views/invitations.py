"""Pages on which people accept an invitation."""

from allauth.account.adapter import get_adapter
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.htmx import go_to, render_page
from apps.teams import services
from apps.teams.access import PersonRequest, SignedInRequest, person_required
from apps.teams.models import Invitation
from apps.teams.session_keys import INVITATION_KEY
from apps.teams.views.team_switching import work_in


@require_safe
@never_cache
@rate_limit(action="invitation", limit_get=True)  # type: ignore[untyped-decorator]  # allauth has no types
def invitation(request: PersonRequest, token: str) -> HttpResponse:
    """Show an invitation and remember it in the session; looking uses nothing up."""
    found = Invitation.objects.by_token(token)
    if found and _may_see(request, found):
        request.session[INVITATION_KEY] = str(found.public_id)
    return _page(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: PersonRequest) -> HttpResponseBase:
    """Show the invitation of this session, or accept it."""
    return (
        _accept(request)
        if request.method == "POST"
        else _page(request, _invitation_of_session(request))
    )


@person_required
def _accept(request: SignedInRequest) -> HttpResponse:
    found = _invitation_of_session(request)
    if found is None:
        return _page(request, None)
    try:
        member = services.join(request.user, found)
    except services.InvitationClosed:
        return _page(request, None)
    request.session.pop(INVITATION_KEY, None)
    work_in(request, member.team)
    messages.success(request, _("Welcome to %s.") % member.team)
    return go_to(request, settings.LOGIN_REDIRECT_URL)


def _invitation_of_session(request: PersonRequest) -> Invitation | None:
    if not (number := request.session.get(INVITATION_KEY)):
        return None
    return Invitation.objects.select_related("team", "created_by").filter(public_id=number).first()


def _may_see(request: PersonRequest, found: Invitation) -> bool:
    """Whether the invitation is open or the visitor is a member; others must not learn its team."""
    return found.is_open or _is_member(request, found)


def _is_member(request: PersonRequest, found: Invitation) -> bool:
    return any(one.team_id == found.team_id for one in request.memberships)


def _page(request: PersonRequest, found: Invitation | None) -> HttpResponse:
    if found is None or not _may_see(request, found):
        return render_page(request, "teams/invitation_closed.html", {}, status=410)
    user = request.user
    context = {
        "invitation": found,
        "is_in": _is_member(request, found),
        "is_for_me": user.is_authenticated and found.is_for(user),
        "can_sign_up": get_adapter(request).is_open_for_signup(request),
    }
    return render_page(request, "teams/invitation.html", context)

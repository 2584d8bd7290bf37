"""The page of sign-in methods and sessions."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.htmx import go_to, render_page
from apps.teams.access import SignedInRequest, person_required
from apps.teams.models import User
from apps.teams.user_agents import describe_browser


@require_safe
@person_required
def security(request: SignedInRequest) -> HttpResponse:
    """Show the person's sign-in methods and sessions."""
    by_kind: dict[str, list[Any]] = {kind: [] for kind in Authenticator.Type.values}
    for one in Authenticator.objects.filter(user=request.user).order_by("pk"):
        by_kind[one.type].append(one)
    codes = next(iter(by_kind["recovery_codes"]), None)
    context = {
        "address": EmailAddress.objects.filter(user=request.user, email=request.user.email).first(),
        "authenticator": next(iter(by_kind["totp"]), None),
        "passkeys": by_kind["webauthn"],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "sessions": _sessions(request, request.user),
        "sign_on": settings.SINGLE_SIGN_ON and settings.SINGLE_SIGN_ON["name"],
        "linked": SocialAccount.objects.filter(user=request.user).exists(),
    }
    return render_page(request, "teams/security.html", context)


def _sessions(request: HttpRequest, user: User) -> list[tuple[UserSession, str]]:
    """Return the person's sessions with the names of their browsers, newest first."""
    sessions = UserSession.objects.purge_and_list(user)
    if not any(one.is_current() for one in sessions):
        # The session is older than the list of sessions.
        UserSession.objects.create_from_request(request)
        sessions = UserSession.objects.purge_and_list(user)
    newest_first = sorted(sessions, key=lambda one: one.created_at, reverse=True)
    return [(one, describe_browser(one.user_agent)) for one in newest_first]


@require_POST
@person_required
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one session."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    end_sessions(request, [session])
    messages.success(request, _("Session signed out."))
    return go_to(request, "teams:security")


@require_POST
@person_required
def end_others(request: SignedInRequest) -> HttpResponse:
    """End all sessions but this one."""
    end_other_sessions(request, request.user)
    messages.success(request, _("Signed out everywhere else."))
    return go_to(request, "teams:security")

"""Machines at the door: `Authorization: Bearer mjweb_…` instead of a session.

A request that shows a token is judged by the token alone: its cookies count for nothing, and no
cookie means that no other site can make a browser send it (so it needs no CSRF token).
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.teams.models import Member, Token
from apps.teams.models.tokens import PREFIX


class BadToken(Exception):
    """The request shows something that opens no door."""


def member_of_token(request: HttpRequest, origin: str | None) -> Member | None:
    """Return for whom the machine acts, None where no token is shown; raise BadToken for a wrong or dead one."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = (
        Token.objects.behind(secret) if secret.startswith(PREFIX) and len(secret) < 100 else None
    )
    if token is None:
        raise BadToken
    token.note_use(timezone.now(), origin)
    token.member.reach = token.reach
    return token.member


def refuse_token() -> HttpResponse:
    """Answer a machine whose token opens nothing."""
    said = {"error": _("This token is unknown, expired or revoked.")}
    return JsonResponse(
        said, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def refuse_machine() -> HttpResponse:
    """Answer a machine that knocks at a page for people."""
    return JsonResponse({"error": _("Tokens can't open this page.")}, status=403)

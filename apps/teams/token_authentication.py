"""Authentication by token: `Authorization: Bearer mjweb_…` instead of a session.

A request with a token is judged by the token alone, and its cookies are ignored. It needs no CSRF
token, because no other site can make a browser send that header.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.teams.models import Member, Token
from apps.teams.models.tokens import PREFIX


class BadToken(Exception):
    """The token is unknown, expired or revoked."""


def member_of_token(request: HttpRequest, origin: str | None) -> Member | None:
    """Return the member of the token, None without a token; raise BadToken for a wrong one."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = (
        Token.objects.by_secret(secret) if secret.startswith(PREFIX) and len(secret) < 100 else None
    )
    if token is None:
        raise BadToken
    token.record_use(timezone.now(), origin)
    token.member.token_permissions = token.permissions
    return token.member


def refuse_token() -> HttpResponse:
    """Answer a request with a wrong token."""
    body = {"error": _("This token is unknown, expired or revoked.")}
    return JsonResponse(
        body, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def refuse_token_here() -> HttpResponse:
    """Answer a token on a page that takes none."""
    return JsonResponse({"error": _("Tokens can't open this page.")}, status=403)

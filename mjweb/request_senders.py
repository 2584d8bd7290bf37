"""Identify the sender of a request before Django reads it, for mjweb.request_bodies."""

from importlib import import_module

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import Error
from django.http import HttpRequest, parse_cookie

from apps.core.database import close_stale_connections
from apps.teams.models import Token
from mjweb.request_bodies import Scope

BEARER = "bearer "


async def sender_of(scope: Scope) -> str:
    """Return the owner of this request's session or token, or "" for an anonymous sender."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    return await sync_to_async(_identify)(headers)


def _identify(headers: dict[bytes, str]) -> str:
    # A request with a token is judged by the token alone, as everywhere else.
    has_token = headers.get(b"authorization", "").lower().startswith(BEARER)
    try:
        return _token_owner(headers) if has_token else _session_owner(headers)
    except Error:  # without the database nobody can be identified
        return ""
    finally:
        close_stale_connections()


def _token_owner(headers: dict[bytes, str]) -> str:
    text = headers[b"authorization"][len(BEARER) :].strip()
    token = Token.objects.by_secret(text)
    return f"user {token.member.user_id}" if token else ""


def _session_owner(headers: dict[bytes, str]) -> str:
    """Return the signed-in user; Django checks that their password has not changed since."""
    key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    if not key:
        return ""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    return f"user {user.pk}" if user.is_authenticated else ""

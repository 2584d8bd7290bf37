"""Who sends a request, asked before Django has seen it: for those who send more than a stranger may."""

from importlib import import_module

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import Error
from django.http import HttpRequest, parse_cookie

from apps.core.database import close_stale_connections
from apps.teams.models import Token
from mjweb.bodies import Scope


async def sender_of(scope: Scope) -> str:
    """Return whose session or token this request carries, or "" for nobody."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    return await sync_to_async(_known)(headers)


def _known(headers: dict[bytes, str]) -> str:
    # Whoever shows a token is judged by it alone, as in every other place.
    is_machine = headers.get(b"authorization", "")[:7].lower() == "bearer "
    try:
        return _by_token(headers) if is_machine else _by_session(headers)
    except Error:  # the database is away: nobody can be known, and nothing large be taken
        return ""
    finally:
        close_stale_connections()


def _by_token(headers: dict[bytes, str]) -> str:
    """Say for whom a machine acts."""
    token = Token.objects.behind(headers.get(b"authorization", "")[7:].strip())
    return f"user {token.member.user_id}" if token else ""


def _by_session(headers: dict[bytes, str]) -> str:
    """Say who is signed in: as Django reads it, with the check that their password is still the same."""
    key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    if not key:
        return ""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    return f"user {user.pk}" if user.is_authenticated else ""

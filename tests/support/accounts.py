"""How people come in: by password, and by the code of an authenticator app."""

import itertools
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from apps.teams.models import User
from tests.support.factories import PASSWORD, a_guest, a_team, a_user

LOGIN = "/accounts/login/"
CODE = "/accounts/2fa/authenticate/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# What browsers call themselves, each a little differently.
BROWSERS = (
    f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Firefox/{number}.0"
    for number in itertools.count(140)
)


def with_authenticator(user: User) -> Authenticator:
    """Give somebody an authenticator app, whose secret is SECRET."""
    return TOTP.activate(user, SECRET).instance


def code_now(secret: str = SECRET) -> str:
    """What the app shows now; it may be used again, which otherwise nobody may."""
    cache.clear()
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def client_after_sign_in(user: User, *, password: str = PASSWORD, **headers: str) -> Client:
    """A browser in which somebody has really signed in, with a code where they have an app."""
    client = Client(headers={"user-agent": next(BROWSERS)} | headers)
    client.post(LOGIN, {"login": user.email, "password": password})
    if Authenticator.objects.filter(user=user, type="totp").exists():
        client.post(CODE, {"code": code_now()})
    assert client.session["_auth_user_id"] == str(user.pk)
    return client


def invited_client() -> Client:
    """A browser of somebody who came by an open invitation."""
    return a_guest(a_team())


def sure(client: Client, password: str = PASSWORD) -> Client:
    """The same browser, after its person has shown again that it is them."""
    assert (
        client.post(
            "/accounts/reauthenticate/?next=/team/me/security/", {"password": password}
        ).status_code
        == 302
    )
    return client


def an_operator() -> User:
    """Somebody who serves every team, with an authenticator app."""
    operator = a_user(is_staff=True, is_superuser=True)
    with_authenticator(operator)
    return operator

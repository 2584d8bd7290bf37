"""Every response, to anybody and with any status, has the security headers."""

import asyncio
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path, reverse
from servestatic import ServeStaticASGI

from mjweb.headers import SafeHeaders, default_headers
from mjweb.request_bodies import ANONYMOUS_BYTES, LimitedBodies
from mjweb.urls import urlpatterns as pages
from tests.architecture.world import FORM, KNOCKS, PRESSED, put_back, way_to
from tests.support.answers import put_away
from tests.support.cases import case
from tests.support.factories import a_user, belongings_of, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def stumbles(_request):
    raise RuntimeError("on purpose")


def stops(_request):
    return HttpResponse(status=503)


urlpatterns = [*pages, path("stumbles/", stumbles), path("stops/", stops)]


def assert_safe(answer) -> None:
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, (name, answer.status_code)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    allowed = answer.headers["Permissions-Policy"]
    assert "camera=()" in allowed
    assert "fullscreen=(self)" in allowed
    assert "publickey-credentials-get=(self)" in allowed


@pytest.mark.proof
def test_every_address_answers_safely_to_members_and_strangers(team, owner):
    belongings = belongings_of(team)
    for name, method in KNOCKS:
        for person in (owner, None):
            browser = client_of(person) if person else Client()
            with case(f"{name} {method} as {person}"), put_back():
                answer = browser.generic(method, way_to(name, belongings), PRESSED, FORM)
                assert_safe_page(answer)
                put_away(answer)


def assert_safe_page(answer) -> None:
    assert_safe(answer)
    if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
        assert "require-trusted-types-for 'script'" in answer["Content-Security-Policy"]
        assert "Cookie" in answer.get("Vary", "")


@pytest.mark.parametrize(
    ("address", "status"),
    [("/no/such/page", 404), ("/accounts/login/", 200), ("/admin/", 302), ("/projects", 301)],
)
def test_pages_of_others_and_pages_that_are_not_there_answer_safely(client, address, status):
    answer = client.get(address)
    assert answer.status_code == status
    assert_safe(answer)


def test_the_admin_site_answers_safely_and_gives_its_scripts_the_policy_they_need(db):
    operator = client_of(a_user(is_staff=True, is_superuser=True))
    for address in ("/admin/", "/admin/teams/team/add/", "/admin/teams/user/", "/admin/nothing/"):
        answer = operator.get(address)
        assert_safe(answer)
        if answer.status_code == 200:
            page = answer.content.decode()
            assert 0 < page.index("trusted") < page.index("theme.js")
            assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page)
            assert not re.search(r"\son[a-z]+=|\sstyle=", page)


def test_pages_of_the_account_answer_safely(owner):
    for name in ("email", "change_password", "logout", "reauthenticate", "reset_password", "login"):
        for browser in (client_of(owner), Client()):
            with case(name):
                assert_safe(browser.get(reverse(f"account_{name}")))
                assert_safe(browser.post(reverse(f"account_{name}"), {"pressed": "yes"}))


@pytest.mark.urls(__name__)
def test_a_page_that_stumbles_or_stops_answers_safely(client):
    client.raise_request_exception = False
    for address, status in (("/stumbles/", 500), ("/stops/", 503)):
        answer = client.get(address)
        assert answer.status_code == status
        assert_safe(answer)


def test_what_is_refused_before_any_page_answers_safely(client):
    without_token = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a"})
    another_host = client.get("/", headers={"host": "evil.example"})
    another_charset = client.post(
        "/accounts/login/", b"x", content_type="text/plain; charset=utf-7"
    )
    for answer, status in ((without_token, 403), (another_host, 400), (another_charset, 400)):
        assert answer.status_code == status
        assert_safe(answer)


def test_only_signed_webhooks_and_unsubscribing_need_no_csrf_token():
    def exempt(resolver):
        for pattern in resolver.url_patterns:
            if not isinstance(pattern, URLPattern):
                yield from exempt(pattern)
            elif getattr(pattern.callback, "csrf_exempt", False):
                yield f"{pattern.callback.__module__}.{pattern.callback.__name__}"

    # The second is a signed address in a mail, which a mailbox may press by itself (RFC 8058).
    signed = {"apps.jobs.views.webhooks.receive", "apps.activity.views.preferences.unsubscribe"}
    assert set(exempt(get_resolver())) == signed


def asgi(app, path_: str, headers=()) -> tuple[int, dict[str, str]]:
    """Ask an ASGI application as a server does; return status and headers."""
    sent: list[dict] = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path_,
        "headers": list(headers),
        "query_string": b"",
    }
    asyncio.run(app(scope, receive, send))
    start = sent[0]
    return start["status"], {
        name.decode().lower(): value.decode() for name, value in start["headers"]
    }


async def nobody(_scope):
    return ""


def test_static_files_and_what_is_turned_away_at_the_door_answer_safely(tmp_path):
    (tmp_path / "ours.js").write_text("1")
    inner = LimitedBodies(lambda *_: None, who=nobody, largest=ANONYMOUS_BYTES)
    static = ServeStaticASGI(inner, root=tmp_path, prefix="/static/", allow_all_origins=False)
    app = SafeHeaders(static, default_headers())
    for status, headers in (
        asgi(app, "/static/ours.js"),
        asgi(app, "/", [(b"content-length", b"99999999")]),
    ):
        assert status in {200, 413}
        for name, value in ALWAYS.items():
            assert headers[name.lower()] == value
        assert "sandbox" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_a_header_that_was_said_is_left_alone():
    async def says(_scope, _receive, send):
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"X-Frame-Options", b"MINE")],
            }
        )

    _status, headers = asgi(SafeHeaders(says, default_headers()), "/")
    assert headers["x-frame-options"] == "MINE"


PRODUCTION = """
import django; django.setup()
from django.conf import settings as s
from mjweb.headers import default_headers
assert s.SESSION_COOKIE_NAME.startswith("__Host-") and s.CSRF_COOKIE_NAME.startswith("__Host-")
assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SESSION_COOKIE_HTTPONLY
assert s.SESSION_COOKIE_SAMESITE == s.CSRF_COOKIE_SAMESITE == "Lax"
assert s.SESSION_COOKIE_DOMAIN is None and s.SESSION_COOKIE_PATH == "/"
assert s.SECURE_SSL_REDIRECT and s.SECURE_HSTS_SECONDS >= 31536000
assert "max-age=31536000; includeSubDomains" in default_headers()["Strict-Transport-Security"]
"""


def test_in_production_cookies_are_bound_to_the_host_and_encryption_is_for_ever(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "MJWEB_MODE": "production",
        "MJWEB_SECRET_KEY": "x" * 60,
        "MJWEB_HOSTS": "mjweb.example",
        "MJWEB_PUBLIC_URL": "https://mjweb.example",
        "MJWEB_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "mjweb.settings.base",
    }
    subprocess.run(
        [sys.executable, "-c", PRODUCTION], check=True, env=environment, cwd=settings.BASE_DIR
    )

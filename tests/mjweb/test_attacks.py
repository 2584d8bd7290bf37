"""Common attacks: other hosts, redirects, paths, methods, charsets, and too large requests."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.support.cases import case
from tests.support.factories import PASSWORD, a_clip, a_project, a_user, an_image, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\thttps://evil.example",
    "\x00https://evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "//testserver@evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "https://evil.example\r\nSet-Cookie: a=b",
    "ftp://testserver/",
]


def test_signing_in_leads_nowhere_else():
    email = a_user().email
    for where in ELSEWHERE:
        with case(where):
            form = {"login": email, "password": PASSWORD, "next": where}
            answer = Client().post(reverse("account_login"), form)
            assert answer.status_code == 302
            location = answer["Location"]
            assert location.startswith("/")
            assert not location.startswith(("//", "/\\"))
            assert "\t" not in location
            assert "\n" not in location


@pytest.mark.parametrize(
    "page", ["account_logout", "account_reauthenticate", "account_change_password"]
)
def test_no_page_of_the_account_leads_elsewhere(page):
    user = a_user()
    outside = ("//", "/\\", "http", "java", "data", "ftp")
    for where in ELSEWHERE:
        with case(where):
            form = {"next": where, "password": PASSWORD}
            answer = client_of(user).post(reverse(page), form)
            assert not answer.get("Location", "/").startswith(outside)


def test_the_way_to_the_door_remembers_only_our_own_address(client):
    answer = client.get("//evil.example/projects/", follow=False)
    assert answer.status_code in {302, 404}
    assert "evil.example" not in answer.get("Location", "").partition("?")[0]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"]
)
def test_a_password_is_reset_at_our_address_whatever_a_request_claims(client, settings, header):
    settings.EMAIL_IS_CONNECTED = True
    who = a_user()
    claimed = {"Forwarded": "host=evil.example"}.get(header, "evil.example")
    answer = client.post(
        reverse("account_reset_password"), {"email": who.email}, headers={header: claimed}
    )
    assert answer.status_code == (400 if header == "Host" else 302)
    assert len(mail.outbox) == (0 if header == "Host" else 1)
    for letter in mail.outbox:
        assert "evil.example" not in letter.body
        assert "\n" not in letter.subject


def test_another_host_is_answered_nothing(client):
    hosts = "evil.example", "testserver.evil.example", "testserver:80@evil.example", "a b", "[::1"
    for host in hosts:
        with case(host):
            assert client.get("/accounts/login/", headers={"host": host}).status_code == 400


UPWARD = [
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//etc/passwd",
    "..\\..\\etc\\passwd",
    "%00",
    "/etc/passwd",
    "picture/../../../mjweb.sqlite3",
]


def test_no_address_climbs_out_of_the_files(team, viewer):
    image = an_image(team)
    clip = a_clip(team)
    browser = client_of(viewer)
    for way in UPWARD:
        for address in (
            f"/projects/images/{way}/picture",
            f"/projects/images/{image.public_id}/{way}",
            f"/projects/handover/{way}.jpg",
            f"/jobs/clips/{clip.public_id}/{way}",
            f"/static/{way}",
            f"/media/{way}",
        ):
            with case(address):
                assert browser.get(address).status_code in {404, 400}


def test_a_header_that_names_a_method_changes_none(creator):
    browser = client_of(creator)
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        with case(header):
            read = browser.get(reverse("account_logout"), headers={header: "POST"})
            assert read.status_code == 200
            sent = browser.post(
                reverse("projects:list"), {"_method": "GET"}, headers={header: "GET"}
            )
            assert sent.status_code == 405


def test_methods_nobody_needs_do_nothing(creator):
    browser = client_of(creator)
    project = a_project(creator.team)
    addresses = reverse("projects:list"), project.get_absolute_url(), reverse("projects:create")
    for method in ("TRACE", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH", "FOO"):
        for address in addresses:
            with case(f"{method} {address}"):
                assert browser.generic(method, address).status_code == 405


KINDS = [
    "application/json",
    "text/xml",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=rot13",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "x" * 300,
    "nonsense",
    'text/plain; charset="utf-8',
]
BODIES = [b"", b"{}", b"\xff\xfe\x00", b'{"name": {"$gt": ""}}', b"name=\x00", b"%ff=%fe&name=%00"]


def test_odd_bodies_are_never_an_error_of_ours(creator):
    browser = client_of(creator)
    for kind in KINDS:
        for body in BODIES:
            with case((kind, body)):
                answer = browser.generic("POST", reverse("projects:create"), body, kind)
                assert answer.status_code in {200, 400, 422}


def test_a_nul_in_a_field_is_told_to_its_writer(creator):
    browser = client_of(creator)
    for name in ("a\0b", "\0"):
        with case(name):
            answer = browser.post(reverse("projects:create"), {"name": name})
            assert answer.status_code == 422


def test_too_many_fields_or_too_long_a_body_is_refused(creator):
    browser, way = client_of(creator), reverse("projects:create")
    assert browser.post(way, {f"f{number}": "x" for number in range(1001)}).status_code == 400
    assert browser.post(way, {"name": "x" * 3_000_000}).status_code in {400, 413}
    assert browser.get(f"{way}?{'a=1&' * 1500}").status_code in {200, 400}
    assert browser.get(f"{way}?q={'x' * 100_000}").status_code == 200


VALUES = ["\0", "%00", "'", "9" * 400, "-1", "٣", "<script>", b"\xed\xa0\x80", "{{7*7}}"]


@pytest.mark.parametrize(
    "page", ["gallery:grid", "projects:list", "desk:home", "budgets:ledger", "jobs:create"]
)
def test_no_query_string_is_an_error_of_ours(owner, page):
    browser = client_of(owner)
    names = (
        "q",
        "after",
        "project",
        "state",
        "image",
        "prompt",
        "month",
        "since",
        "until",
        "sort",
        "page",
    )
    for value in VALUES:
        with case(value):
            answer = browser.get(reverse(page), dict.fromkeys(names, value))
            assert answer.status_code in {200, 302, 400, 404}


def test_no_cookie_is_an_error_of_ours(client, settings):
    ours = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
    names = [*ours, "tz", "theme", "previews", "messages"]
    for value in ("x" * 7000, "\0", "\xff", 'a"b', "=;=;=", "../../etc/passwd", "{{7*7}}"):
        for name in names:
            with case((name, value)):
                cookie = {"cookie": f"{name}={value}"}
                assert client.get(reverse("account_login"), headers=cookie).status_code == 200


def test_a_page_says_by_what_it_differs(owner):
    answer = client_of(owner).get(reverse("projects:list"))
    assert {"Cookie", "HX-Request", "HX-Target"} <= {
        one.strip() for one in answer["Vary"].split(",")
    }
    assert "private" in answer["Cache-Control"]


def test_a_header_of_a_proxy_changes_no_address(client):
    for header in (
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Prefix",
        "X-Forwarded-Scheme",
    ):
        with case(header):
            page = client.get(reverse("account_login"), headers={header: "/admin/evil"})
            assert page.status_code == 200
            assert b"/admin/evil" not in page.content


def test_a_form_without_its_token_or_from_another_site_is_refused(creator):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(creator.user)
    page = browser.get(reverse("projects:create"))
    token = str(page.context["csrf_token"])
    form = {"name": "A new one"}
    way = reverse("projects:create")
    assert browser.post(way, form).status_code == 403
    evil = {"origin": "https://evil.example"}
    assert browser.post(way, form | {"csrfmiddlewaretoken": token}, headers=evil).status_code == 403
    assert browser.post(way, form | {"csrfmiddlewaretoken": token}).status_code == 302

"""Common attacks: other hosts, redirects, paths, methods, charsets, and too large requests."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

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


@pytest.mark.parametrize("where", ELSEWHERE)
def test_signing_in_leads_nowhere_else(where):
    form = {"login": a_user().email, "password": PASSWORD, "next": where}
    answer = Client().post(reverse("account_login"), form)
    assert answer.status_code == 302
    led_to = answer["Location"]
    assert led_to.startswith("/")
    assert not led_to.startswith(("//", "/\\"))
    assert "\t" not in led_to
    assert "\n" not in led_to


@pytest.mark.parametrize("where", ELSEWHERE)
@pytest.mark.parametrize(
    "page", ["account_logout", "account_reauthenticate", "account_change_password"]
)
def test_no_page_of_the_account_leads_elsewhere(where, page):
    answer = client_of(a_user()).post(reverse(page), {"next": where, "password": PASSWORD})
    assert not answer.get("Location", "/").startswith(("//", "/\\", "http", "java", "data", "ftp"))


def test_the_way_to_the_door_remembers_only_our_own_address(client):
    answer = client.get("//evil.example/projects/", follow=False)
    assert answer.status_code in {302, 404}
    assert "evil.example" not in answer.get("Location", "").partition("?")[0]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host"]
)
def test_a_password_is_reset_at_this_house_whatever_a_request_claims(client, settings, header):
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


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "a b", "[::1"]
)
def test_another_host_is_answered_nothing(client, host):
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


@pytest.mark.parametrize("way", UPWARD)
def test_no_address_climbs_out_of_the_files(team, viewer, way):
    image, clip, browser = an_image(team), a_clip(team), client_of(viewer)
    for address in (
        f"/projects/images/{way}/picture",
        f"/projects/images/{image.public_id}/{way}",
        f"/projects/handover/{way}.jpg",
        f"/jobs/clips/{clip.public_id}/{way}",
        f"/static/{way}",
        f"/media/{way}",
    ):
        assert browser.get(address).status_code in {404, 400}


@pytest.mark.parametrize("trick", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_it_is(creator, trick):
    browser = client_of(creator)
    assert browser.get(reverse("account_logout"), headers={trick: "POST"}).status_code == 200
    assert (
        browser.post(
            reverse("projects:list"), {"_method": "GET"}, headers={trick: "GET"}
        ).status_code
        == 405
    )


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH", "FOO"]
)
def test_methods_nobody_needs_do_nothing(creator, method):
    project = a_project(creator.team)
    for address in (
        reverse("projects:list"),
        project.get_absolute_url(),
        reverse("projects:create"),
    ):
        assert client_of(creator).generic(method, address).status_code == 405


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


@pytest.mark.parametrize("kind", KINDS)
def test_odd_bodies_are_never_an_error_of_ours(creator, kind):
    for body in BODIES:
        answer = client_of(creator).generic("POST", reverse("projects:create"), body, kind)
        assert answer.status_code in {200, 400, 422}


@pytest.mark.parametrize("name", ["a\0b", "\0"])
def test_a_nul_in_a_field_is_told_to_its_writer(creator, name):
    assert client_of(creator).post(reverse("projects:create"), {"name": name}).status_code == 422


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
@pytest.mark.parametrize("value", VALUES)
def test_no_query_string_is_an_error_of_ours(owner, page, value):
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
    answer = client_of(owner).get(reverse(page), dict.fromkeys(names, value))
    assert answer.status_code in {200, 302, 400, 404}


@pytest.mark.parametrize(
    "cookie", ["x" * 7000, "\0", "\xff", 'a"b', "=;=;=", "../../etc/passwd", "{{7*7}}"]
)
def test_no_cookie_is_an_error_of_ours(client, settings, cookie):
    for name in (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        "tz",
        "theme",
        "previews",
        "messages",
    ):
        answer = client.get(reverse("account_login"), headers={"cookie": f"{name}={cookie}"})
        assert answer.status_code == 200


def test_a_page_says_by_what_it_differs(owner):
    answer = client_of(owner).get(reverse("projects:list"))
    assert {"Cookie", "HX-Request", "HX-Target"} <= {
        one.strip() for one in answer["Vary"].split(",")
    }
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "header", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Scheme"]
)
def test_a_header_of_a_proxy_changes_no_address(client, header):
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

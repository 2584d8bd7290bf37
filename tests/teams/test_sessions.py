"""Where somebody is signed in, and how they sign out there."""

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.teams.user_agents import describe_browser
from tests.support.accounts import client_after_sign_in
from tests.support.cases import case
from tests.support.factories import PASSWORD, client_of

pytestmark = pytest.mark.django_db
SECURITY, EVERYWHERE = "/team/me/security/", "/team/me/security/sessions/end/"
PHONE = {
    "user-agent": (
        "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
    )
}


def session_of(client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def test_every_session_is_listed_with_its_browser_and_address(viewer):
    here = client_after_sign_in(viewer.user)
    client_after_sign_in(viewer.user, **PHONE)
    page = here.get(SECURITY)
    assertContains(page, "Firefox on Linux")
    assertContains(page, "Chrome on Android")
    assertContains(page, "127.0.0.1")
    assertContains(page, "this session", count=1)


def test_one_session_is_signed_out_and_the_others_stay(viewer):
    here, phone, desk = (
        client_after_sign_in(viewer.user),
        client_after_sign_in(viewer.user, **PHONE),
        client_after_sign_in(viewer.user),
    )
    way = reverse("teams:end_session", args=[session_of(phone).pk])
    assertRedirects(here.post(way), SECURITY)
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == here.get("/").status_code == 200
    assertNotContains(here.get(SECURITY), "Chrome on Android")


def test_all_other_sessions_are_signed_out_at_once(viewer):
    here, phone = client_after_sign_in(viewer.user), client_after_sign_in(viewer.user, **PHONE)
    assertRedirects(here.post(EVERYWHERE), SECURITY)
    assert phone.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_nobody_ends_another_persons_session(viewer, creator):
    theirs = client_after_sign_in(creator.user)
    client = client_after_sign_in(viewer.user)
    assert (
        client.post(reverse("teams:end_session", args=[session_of(theirs).pk])).status_code == 404
    )
    client.post(EVERYWHERE)
    assert theirs.get("/").status_code == 200


def test_a_changed_password_ends_every_other_session(viewer):
    here, phone = client_after_sign_in(viewer.user), client_after_sign_in(viewer.user, **PHONE)
    words = {
        "oldpassword": PASSWORD,
        "password1": "another sentence",
        "password2": "another sentence",
    }
    assertRedirects(here.post("/accounts/password/change/", words), SECURITY)
    assert phone.get("/").status_code == 302
    assert here.get("/").status_code == 200
    assertNotContains(here.get(SECURITY), "Chrome on Android")


def test_a_wrong_old_password_changes_nothing(viewer):
    words = {
        "oldpassword": "wrong",
        "password1": "another sentence",
        "password2": "another sentence",
    }
    assertContains(
        client_after_sign_in(viewer.user).post("/accounts/password/change/", words),
        "Wrong password.",
    )
    viewer.user.refresh_from_db()
    assert viewer.user.check_password(PASSWORD)


def test_a_session_older_than_the_list_is_listed(viewer):
    assertContains(client_of(viewer).get(SECURITY), "this session")


BROWSERS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 "
    "Edg/142.0": "Edge on Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.4 "
    "Safari/605.1.15": "Safari on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Mobile/15E148 "
    "Safari/604.1": "Safari on iPhone",
    "Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/142.0 "
    "Safari/537.36": "Chrome on ChromeOS",
    "curl/8.5": "curl",
    "": "Unknown browser",
    "<script>alert(1)</script>": "Unknown browser",
}


def test_a_browser_is_called_by_its_name():
    for user_agent, words in BROWSERS.items():
        with case(user_agent):
            assert describe_browser(user_agent) == words

"""Authenticator apps, recovery codes, and being asked again."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from tests.support.accounts import (
    CODE,
    LOGIN,
    SECRET,
    client_after_sign_in,
    code_now,
    sure,
    with_authenticator,
)
from tests.support.factories import PASSWORD, a_user, client_of

pytestmark = pytest.mark.django_db
SECURITY = "/team/me/security/"
SET_UP = "/accounts/2fa/totp/activate/"


def after_the_password(user) -> Client:
    client = Client()
    assertRedirects(client.post(LOGIN, {"login": user.email, "password": PASSWORD}), CODE)
    return client


def test_an_authenticator_app_is_set_up_with_the_qr_code_and_a_first_code(viewer):
    client = sure(client_after_sign_in(viewer.user))
    page = client.get(SET_UP).content.decode()
    assert "<svg" in page
    assert "data:image" not in page  # which the content security policy refuses
    secret = re.search(r'qr__key">([A-Z2-7]+)<', page).group(1)
    response = client.post(SET_UP, {"code": code_now(secret)})
    assertRedirects(response, "/accounts/2fa/recovery-codes/")
    assertContains(client.get(SECURITY), "10 left")
    assertContains(client.get("/accounts/2fa/recovery-codes/download/"), "Each works once.")


def test_a_wrong_first_code_sets_nothing_up(viewer):
    client = sure(client_after_sign_in(viewer.user))
    client.get(SET_UP)
    assertContains(client.post(SET_UP, {"code": "000000"}), "Wrong or expired code")
    assert not Authenticator.objects.exists()


def test_secrets_of_second_factors_are_stored_encrypted(viewer):
    app = with_authenticator(viewer.user)
    sure(client_after_sign_in(viewer.user)).post("/accounts/2fa/recovery-codes/generate/")
    codes = Authenticator.objects.get(type="recovery_codes")
    assert SECRET not in str(app.data)
    for kept in (app.data["secret"], codes.data["seed"]):
        assert kept.startswith("gAAAA")  # what our encryption looks like


def test_a_password_alone_is_not_enough_with_a_second_factor(viewer):
    with_authenticator(viewer.user)
    client = after_the_password(viewer.user)
    assert client.get("/").status_code == 302
    assertContains(client.post(CODE, {"code": "000000"}), "Wrong or expired code")
    assertRedirects(client.post(CODE, {"code": code_now()}), "/", fetch_redirect_response=False)
    assert client.get("/").status_code == 200


def test_a_code_works_once(viewer):
    with_authenticator(viewer.user)
    client, code = after_the_password(viewer.user), code_now()
    client.post(CODE, {"code": code})
    again = after_the_password(viewer.user)
    assertContains(again.post(CODE, {"code": code}), "Wrong or expired code")


def test_guessing_codes_is_rate_limited(viewer):
    with_authenticator(viewer.user)
    client = after_the_password(viewer.user)
    answers = [client.post(CODE, {"code": f"00000{number}"}) for number in range(7)]
    assertContains(answers[-1], "Too many attempts")


def test_a_recovery_code_lets_in_once(viewer):
    with_authenticator(viewer.user)
    client = sure(client_after_sign_in(viewer.user))
    client.post("/accounts/2fa/recovery-codes/generate/")
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    code = re.search(r"<li>([\d-]+)</li>", page).group(1)
    client = after_the_password(viewer.user)
    client.post(CODE, {"code": code})
    assert client.get("/").status_code == 200
    assertContains(client.get(SECURITY), "9 left")
    assertContains(
        after_the_password(viewer.user).post(CODE, {"code": code}), "Wrong or expired code"
    )


def test_the_app_is_turned_off_and_its_recovery_codes_go_with_it(viewer):
    with_authenticator(viewer.user)
    client = sure(client_after_sign_in(viewer.user))
    client.post("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert client_after_sign_in(viewer.user).get("/").status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        SET_UP,
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/generate/",
    ],
)
def test_changing_second_factors_asks_for_the_password_again(viewer, page):
    client = client_after_sign_in(viewer.user)
    response = client.post(page)
    assertRedirects(
        response, f"/accounts/reauthenticate/?next={page}", fetch_redirect_response=False
    )
    assertContains(client.get(response["Location"]), "Confirm it's you")


def test_a_wrong_password_does_not_confirm_the_person(viewer):
    client = client_after_sign_in(viewer.user)
    assertContains(
        client.post("/accounts/reauthenticate/", {"password": "wrong"}), "Wrong password"
    )
    assert client.get(SET_UP).status_code == 302


def test_a_passkey_is_asked_for_only_where_there_is_one(viewer):
    with_authenticator(viewer.user)
    page = after_the_password(viewer.user).get(CODE).content.decode()
    assert "data-passkey" not in page
    assert "one-time-code" in page


def test_nobody_changes_another_persons_passkeys(viewer, creator):
    theirs = Authenticator.objects.create(
        user=creator.user, type="webauthn", data={"name": "Theirs", "credential": {}}
    )
    client = sure(client_after_sign_in(viewer.user))
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[theirs.pk])).status_code == 404
        assert client.post(reverse(name, args=[theirs.pk]), {"name": "Mine"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.data["name"] == "Theirs"


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "rubbish",
        "[]",
        "{}",
        '{"id": 1}',
        '{"rawId": {}}',
        '"x"',
        "1",
        '{"response": {"userHandle": "x"}}',
    ],
)
def test_an_invalid_passkey_signs_nobody_in(viewer, client, credential):
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assertRedirects(response, LOGIN)
    assert "_auth_user_id" not in client.session


def test_people_without_a_team_see_the_security_page(client):
    assertContains(client_of(a_user()).get(SECURITY), "Two-step sign-in")
    assert client.get(SECURITY).status_code == 302


@pytest.mark.parametrize(
    "credential", ["", "rubbish", "[]", '{"id": "x", "response": {}}', '"x"', '{"rawId": "x"}']
)
def test_an_invalid_passkey_is_neither_added_nor_confirms(viewer, credential):
    with_authenticator(viewer.user)
    client = sure(client_after_sign_in(viewer.user))
    client.get("/accounts/2fa/webauthn/add/")
    given = {"name": "Mine", "passwordless": "on", "credential": credential}
    assert client.post("/accounts/2fa/webauthn/add/", given).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
    asked = after_the_password(viewer.user)
    assert asked.post(CODE, {"credential": credential}).status_code == 200
    assert asked.get("/").status_code == 302


def test_setting_a_first_password_asks_for_the_second_factor(viewer):
    viewer.user.set_unusable_password()
    viewer.user.save()
    with_authenticator(viewer.user)
    client = client_of(viewer)
    way = "/accounts/password/set/"
    words = {"password1": "another sentence", "password2": "another sentence"}
    asked = client.post(way, words)
    assertRedirects(
        asked, f"/accounts/2fa/reauthenticate/?next={way}", fetch_redirect_response=False
    )
    viewer.user.refresh_from_db()
    assert not viewer.user.has_usable_password()
    client.post("/accounts/2fa/reauthenticate/", {"code": code_now()})
    client.post(way, words)
    viewer.user.refresh_from_db()
    assert viewer.user.check_password("another sentence")

"""Single sign-on, with a provider that really answers over HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.teams.models import Token, User
from apps.teams.services.email_verification import mark_email_verified
from mjweb.env import Env
from tests.support.accounts import (
    CODE,
    LOGIN,
    client_after_sign_in,
    invited_client,
    sure,
    with_authenticator,
)
from tests.support.factories import a_token, a_user
from tests.support.sign_on import CLIENT, SECRET, a_provider

pytestmark = pytest.mark.django_db
WAY = "/accounts/oidc/sso/login/"


@pytest.fixture
def provider(settings):
    with a_provider() as provider:
        env = Env(
            oidc_name="Tidewater ID",
            oidc_issuer=provider.url,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        )
        settings.SINGLE_SIGN_ON = env.single_sign_on()
        settings.SINGLE_SIGN_ON_IN_CLEAR = True
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [settings.SINGLE_SIGN_ON]}}
        provider.says = claims()
        yield provider


def claims(**changed):
    return {
        "sub": "42",
        "email": "olivia@mjweb.example",
        "email_verified": True,
        "name": "Olivia",
    } | changed


def sign_in_through(provider, client: Client, way: str = WAY):
    """Go to the provider and come back; return the answer to that."""
    there = client.get(way)
    assert there.status_code == 302, there.content
    return client.get(provider.let_through(there["Location"]).removeprefix("http://testserver"))


def is_in(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def test_the_sign_in_page_has_a_button_for_single_sign_on(provider, client):
    assertContains(client.get(LOGIN), "Sign in with Tidewater ID")


def test_without_single_sign_on_there_is_no_button(client):
    assertNotContains(client.get(LOGIN), "oidc")
    assert client.get(WAY).status_code == 404


def test_the_request_to_the_provider_has_state_and_challenge(provider, client):
    asked = parse_qs(urlsplit(client.get(WAY)["Location"]).query)
    assert asked["client_id"] == [CLIENT]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 16
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}


def test_a_verified_email_signs_in_its_account(provider, client, viewer):
    provider.says = claims(email=viewer.user.email)
    assertRedirects(sign_in_through(provider, client), "/", fetch_redirect_response=False)
    assert is_in(client) == viewer.user
    # From then on the link holds, whatever becomes of the address.
    provider.says = claims(email="moved@mjweb.example")
    again = Client()
    sign_in_through(provider, again)
    assert is_in(again) == viewer.user


def test_single_sign_on_returns_to_the_wanted_page(provider, client, viewer):
    provider.says = claims(email=viewer.user.email)
    answer = sign_in_through(provider, client, f"{WAY}?next=/projects/")
    assertRedirects(answer, "/projects/", fetch_redirect_response=False)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example"])
def test_single_sign_on_redirects_to_no_other_site(provider, client, viewer, elsewhere):
    provider.says = claims(email=viewer.user.email)
    assertRedirects(
        sign_in_through(provider, client, f"{WAY}?next={elsewhere}"),
        "/",
        fetch_redirect_response=False,
    )


@pytest.mark.parametrize("verified", [False, None, "false", "true", 1, "yes"])
def test_an_unverified_email_is_refused(provider, client, viewer, verified):
    provider.says = claims(email=viewer.user.email, email_verified=verified)
    assertContains(sign_in_through(provider, client), "has no verified email", status_code=403)
    assert is_in(client) is None
    assert not SocialAccount.objects.exists()


def test_a_missing_email_is_refused(provider, client):
    provider.says = {"sub": "42"}
    assertContains(sign_in_through(provider, client), "has no verified email", status_code=403)


@pytest.mark.parametrize(
    ("email", "gets_in"),
    [("v@studio.example", True), ("v@STUDIO.example", True), ("v@evil.example", False),
     ("v@studio.example.evil.example", False), ("v@sub.studio.example", False)],
)  # fmt: skip
def test_only_the_configured_domains_are_accepted(provider, client, settings, email, gets_in):
    settings.SINGLE_SIGN_ON_DOMAINS = ["studio.example"]
    user = a_user(email=email)
    provider.says = claims(email=email)
    sign_in_through(provider, client)
    assert is_in(client) == (user if gets_in else None)


@pytest.mark.parametrize(
    ("mode", "client", "gets_in"),
    [
        ("open", Client, True),
        ("invited", invited_client, True),
        ("invited", Client, False),
        ("closed", invited_client, False),
    ],
)
def test_new_people_sign_up_as_the_setting_allows(provider, settings, mode, client, gets_in):
    settings.SIGN_UP = mode
    sign_in_through(provider, client())
    user = User.objects.filter(email="olivia@mjweb.example").first()
    assert (user is not None) == gets_in
    if user:
        assert (user.name, user.has_usable_password(), user.is_staff) == ("Olivia", False, False)
        assert user.emailaddress_set.get().verified


def test_single_sign_on_removes_the_password_of_an_unverified_account(provider, client, viewer):
    # Somebody may have made the account with an address that is not theirs, and wait.
    waiting = client_after_sign_in(viewer.user)
    provider.says = claims(email=viewer.user.email)
    sign_in_through(provider, client)
    viewer.user.refresh_from_db()
    assert not viewer.user.has_usable_password()
    assert waiting.get("/").status_code == 302


@pytest.mark.parametrize("is_proven", [False, True])
def test_single_sign_on_revokes_tokens_of_an_unverified_account(
    provider, client, creator, is_proven
):
    _token, secret = a_token(creator)
    if is_proven:
        mark_email_verified(creator.user)
    provider.says = claims(email=creator.user.email)
    sign_in_through(provider, client)
    assert is_in(client) == creator.user
    assert (Token.objects.by_secret(secret) is not None) == is_proven


def test_single_sign_on_still_asks_for_our_second_factor(provider, client, viewer):
    with_authenticator(viewer.user)
    provider.says = claims(email=viewer.user.email)
    assertRedirects(sign_in_through(provider, client), CODE)
    assert is_in(client) is None


def test_the_state_of_another_browser_is_refused(provider, client):
    there = Client().get(WAY)["Location"]
    back = provider.let_through(there).removeprefix("http://testserver")
    assertContains(client.get(back), "did not accept you", status_code=401)
    assert provider.codes  # the code was not even spent


def test_a_state_works_once(provider, client, viewer):
    provider.says = claims(email=viewer.user.email)
    back = provider.let_through(client.get(WAY)["Location"]).removeprefix("http://testserver")
    client.get(back)
    client.post("/accounts/logout/")
    assert client.get(back).status_code == 401


@pytest.mark.parametrize(
    "twist",
    [{"aud": "somebody else"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": "another"}],
    ids=lambda twist: next(iter(twist)),
)
def test_an_id_token_for_another_client_is_refused(provider, client, viewer, twist):
    provider.says = claims(email=viewer.user.email)
    provider.twisted["id_token"] = twist
    assert sign_in_through(provider, client).status_code in {401, 403}
    assert is_in(client) is None


@pytest.mark.parametrize("answer", [None, b"<html>", b"[", {}])
@pytest.mark.parametrize("address", ["/.well-known/openid-configuration", "/token", "/userinfo"])
def test_a_failing_provider_gets_an_error_page(provider, client, viewer, address, answer):
    provider.says = claims(email=viewer.user.email)
    provider.twisted[address] = answer
    there = client.get(WAY)
    if there.status_code == 302:
        there = client.get(
            provider.let_through(there["Location"]).removeprefix("http://testserver")
        )
    assert there.status_code in {401, 403, 502}
    assertContains(there, "Sign-in failed", status_code=there.status_code)
    assert is_in(client) is None


def test_a_provider_is_reached_over_https_except_on_this_machine(provider, client, settings):
    settings.SINGLE_SIGN_ON_IN_CLEAR = False
    assertContains(client.get(WAY), "didn&#x27;t respond correctly", status_code=502)
    assert provider.asked == []


def test_a_linked_account_is_shown_and_can_be_unlinked(provider, viewer):
    client = sure(client_after_sign_in(viewer.user))
    sign_in_through(provider, client, f"{WAY}?process=connect")
    assertContains(client.get("/team/me/security/"), "Linked. You can sign in with it.")
    page = client.get("/accounts/3rdparty/")
    assertContains(page, "Unlink")
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()

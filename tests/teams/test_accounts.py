"""Making an account, proving an address, forgetting a password: and what strangers learn of it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.teams.models import Invitation, Team, User
from tests.support.accounts import LOGIN, client_after_sign_in, invited_client, sure
from tests.support.cases import case
from tests.support.factories import PASSWORD, a_user, client_of

pytestmark = pytest.mark.django_db
SIGN_UP, RESET = "/accounts/signup/", "/accounts/password/reset/"
NEW = {"name": "Nora New", "email": "nora@mjweb.example", "password1": PASSWORD}


@pytest.fixture
def open_house(settings):
    settings.SIGN_UP = "open"


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_IS_CONNECTED = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False


@pytest.fixture
def hash_calls(monkeypatch):
    """How often a password was hashed."""
    calls = []
    encode = MD5PasswordHasher.encode

    def count(self, *args, **kwargs):
        calls.append(args)
        return encode(self, *args, **kwargs)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    return calls


def code_in_mail() -> str:
    return re.search(r"^  (\S+)$", mail.outbox[-1].body, re.MULTILINE).group(1)


@pytest.mark.parametrize(
    ("mode", "comes", "gets_in"),
    [
        ("open", Client, True),
        ("open", invited_client, True),
        ("invited", Client, False),
        ("invited", invited_client, True),
        ("closed", Client, False),
        ("closed", invited_client, False),
    ],
)
def test_one_setting_decides_who_may_sign_up(settings, mode, comes, gets_in):
    settings.SIGN_UP = mode
    client = comes()
    page = client.get(SIGN_UP).content.decode()
    assert ("password1" in page) == gets_in
    client.post(SIGN_UP, NEW)
    assert User.objects.filter(email=NEW["email"]).exists() == gets_in


@pytest.mark.parametrize(
    "end", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(seconds=1)}]
)
def test_an_ended_invitation_allows_no_sign_up(end):
    client = invited_client()
    Invitation.objects.update(**end)
    assert "password1" not in client.get(SIGN_UP).content.decode()
    client.post(SIGN_UP, NEW)
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_the_sign_in_page_offers_open_sign_up(open_house, client):
    assertContains(client.get(LOGIN), SIGN_UP)


def test_the_sign_in_page_offers_no_sign_up_elsewhere(client):
    assertNotContains(client.get(LOGIN), SIGN_UP)


def a_form(name: str) -> dict[str, object]:
    return {"name": name, "idempotency_key": uuid4()}


def test_a_new_person_creates_a_team_and_works_in_it(open_house, client):
    client.post(SIGN_UP, NEW)
    assertContains(client.get("/"), reverse("teams:create"), status_code=403)
    assertRedirects(client.post(reverse("teams:create"), a_form("Nora's")), "/team/")
    member = Team.objects.get(name="Nora's").members.get()
    assert (member.user.name, member.role) == ("Nora New", "owner")


def test_a_team_without_a_name_is_not_created(open_house):
    client = client_of(a_user())
    assert client.post(reverse("teams:create"), a_form(" ")).status_code == 422
    assert not Team.objects.exists()


def test_creating_a_second_team_switches_to_it(open_house, viewer):
    client = client_of(viewer)
    client.post(reverse("teams:create"), a_form("My own"))
    assertContains(client.get("/team/"), "My own")


@pytest.mark.parametrize("mode", ["invited", "closed"])
def test_people_create_no_team_where_sign_up_is_by_invitation(settings, mode):
    settings.SIGN_UP = mode
    client = client_of(a_user())
    assertNotContains(client.get("/"), reverse("teams:create"), status_code=403)
    assertContains(
        client.post(reverse("teams:create"), a_form("Mine")), "Only the operators", status_code=403
    )
    assert not Team.objects.exists()


def test_operators_create_teams_in_every_mode():
    client = client_of(a_user(is_staff=True))
    client.post(reverse("teams:create"), a_form("Theirs"))
    assert Team.objects.filter(name="Theirs").exists()


@pytest.mark.parametrize("fields", [{"is_staff": "on"}, {"is_superuser": "on"}, {"is_active": ""}])
def test_sign_up_ignores_rights_in_the_form(open_house, client, fields):
    client.post(SIGN_UP, NEW | fields)
    user = User.objects.get(email=NEW["email"])
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


@pytest.mark.parametrize("password", ["short", "password1234", "nora@mjweb.example"])
def test_an_easily_guessed_password_is_refused(open_house, client, password):
    response = client.post(SIGN_UP, NEW | {"password1": password})
    assertContains(response, 'value="Nora New"')
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_a_new_email_is_verified_by_the_code_in_a_mail(with_mail, open_house, client):
    assertRedirects(client.post(SIGN_UP, NEW), "/accounts/confirm-email/")
    assert "_auth_user_id" not in client.session
    client.post("/accounts/confirm-email/", {"code": code_in_mail()})
    user = User.objects.get(email=NEW["email"])
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.emailaddress_set.get().verified


def test_a_wrong_code_verifies_nothing(with_mail, open_house, client):
    client.post(SIGN_UP, NEW)
    for _ in range(5):
        client.post("/accounts/confirm-email/", {"code": "WRONG-ONE"})
    client.post("/accounts/confirm-email/", {"code": code_in_mail()})
    assert "_auth_user_id" not in client.session


def test_without_a_mail_server_the_page_says_that_emails_are_not_verified(open_house, client):
    assertContains(client.get(SIGN_UP), "check your email for typing errors")


def test_signing_up_reveals_no_account(with_mail, open_house, hash_calls):
    a_user(email="known@mjweb.example")
    answers, costs = [], []
    for email in ("known@mjweb.example", "unknown@mjweb.example"):
        client = Client()
        hash_calls.clear()
        response = client.post(SIGN_UP, NEW | {"email": email}, follow=True)
        answers.append(response.content.decode().replace(email, "…"))
        costs.append(len(hash_calls))
        assert len(mail.outbox) == len(answers)
    assert without_tokens(answers[0]) == without_tokens(answers[1])
    assert costs == [1, 1]
    assert User.objects.filter(email="known@mjweb.example").count() == 1


def test_signing_in_reveals_no_account(hash_calls):
    a_user(email="known@mjweb.example")
    User.objects.create_user("sso@mjweb.example")  # one without a password
    answers, costs = [], []
    for email in ("known@mjweb.example", "sso@mjweb.example", "unknown@mjweb.example"):
        hash_calls.clear()
        response = Client().post(LOGIN, {"login": email, "password": "not this one"})
        answers.append(without_tokens(response.content.decode().replace(email, "…")))
        costs.append(len(hash_calls))
    assert answers[0] == answers[1] == answers[2]
    assert costs == [1, 1, 1]


def test_resetting_a_password_reveals_no_account(with_mail, hash_calls):
    a_user(email="known@mjweb.example")
    hash_calls.clear()
    answers = []
    for email in ("known@mjweb.example", "unknown@mjweb.example"):
        response = Client().post(RESET, {"email": email}, follow=True)
        answers.append(without_tokens(response.content.decode().replace(email, "…")))
    assert answers[0] == answers[1]
    # Each was sent a mail, which takes as long.
    assert [one.to for one in mail.outbox] == [["known@mjweb.example"], ["unknown@mjweb.example"]]
    assert hash_calls == []


def without_tokens(page: str) -> str:
    return re.sub(r"[A-Za-z0-9]{64}", "…", page)


def test_a_password_is_reset_by_a_link_that_works_once(with_mail, viewer, client):
    elsewhere = sign_in_verified(viewer.user)
    client.post(RESET, {"email": viewer.user.email})
    link = re.search(r"https?://testserver(\S+)", mail.outbox[-1].body).group(1)
    form = client.get(link)["Location"]
    assert form.endswith("set-password/")
    words = {"password1": "another sentence", "password2": "another sentence"}
    assertRedirects(client.post(form, words), "/accounts/password/reset/key/done/")
    viewer.user.refresh_from_db()
    assert viewer.user.check_password("another sentence")
    assert elsewhere.get("/").status_code == 302
    assertContains(Client().get(link), "no longer works")
    assert "with a link we sent you" in mail.outbox[-1].body


def sign_in_verified(user: User) -> Client:
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return client_after_sign_in(user)


def test_a_changed_email_is_verified_first_and_the_old_one_notified(with_mail, viewer):
    client = sure(sign_in_verified(viewer.user))
    old = viewer.user.email
    client.post("/accounts/email/", {"email": "vera@mjweb.example", "action_add": "yes"})
    viewer.user.refresh_from_db()
    assert viewer.user.email == old
    assert mail.outbox[-1].to == ["vera@mjweb.example"]
    client.post("/accounts/confirm-email/", {"code": code_in_mail()})
    viewer.user.refresh_from_db()
    assert viewer.user.email == "vera@mjweb.example"
    assert [address.email for address in viewer.user.emailaddress_set.all()] == [
        "vera@mjweb.example"
    ]
    assert mail.outbox[-1].to == [old]


def test_nobody_takes_over_another_persons_email(with_mail, viewer, creator):
    client = sure(sign_in_verified(viewer.user))
    client.post("/accounts/email/", {"email": creator.user.email, "action_add": "yes"})
    client.post("/accounts/confirm-email/", {"code": code_in_mail()})
    viewer.user.refresh_from_db()
    assert viewer.user.email != creator.user.email


def test_without_a_mail_server_an_email_cannot_be_changed(viewer):
    client = sure(client_after_sign_in(viewer.user))
    response = client.post("/accounts/email/", {"email": "vera@mjweb.example", "action_add": "yes"})
    assertContains(response, "operators can change")
    assert not viewer.user.emailaddress_set.filter(email="vera@mjweb.example").exists()


EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver.evil.example/",
    "http://testserver@evil.example/",
    "http://127.0.0.1:9/",
    "/%09/evil.example\r\nSet-Cookie:a=b",
]


@pytest.mark.parametrize("elsewhere", EVIL)
def test_signing_in_redirects_to_no_other_site(viewer, elsewhere):
    client = Client()
    response = client.post(
        LOGIN, {"login": viewer.user.email, "password": PASSWORD, "next": elsewhere}
    )
    assert response.status_code == 302
    assert response["Location"] == "/" or response["Location"].startswith("/%09/evil.example")
    assert "\n" not in response["Location"]
    assert client.get(LOGIN, {"next": elsewhere})["Location"] == response["Location"]


@pytest.mark.parametrize("elsewhere", EVIL[:-1])
def test_signing_out_and_confirming_redirect_to_no_other_site(viewer, elsewhere):
    client = client_after_sign_in(viewer.user)
    again = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": elsewhere})
    assert "evil" not in again.get("Location", "")
    assert client.post("/accounts/logout/", {"next": elsewhere})["Location"] == LOGIN


def test_signing_in_changes_the_session_key(viewer):
    client = invited_client()
    before = client.session.session_key
    client.post(LOGIN, {"login": viewer.user.email, "password": PASSWORD})
    assert client.session.session_key != before
    planted = Client()
    planted.cookies["mjweb_8000_session"] = before
    assert planted.get("/").status_code == 302


def test_wrong_passwords_are_counted_for_known_and_unknown_alike(viewer):
    for number, email in enumerate((viewer.user.email, "nobody@mjweb.example")):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        answers = [client.post(LOGIN, {"login": email, "password": f"wrong {n}"}) for n in range(6)]
        assertContains(answers[4], "Wrong email or password")
        assertContains(answers[5], "Too many attempts")


def test_the_right_password_is_refused_after_too_many_wrong_ones(viewer, client):
    for number in range(5):
        client.post(LOGIN, {"login": viewer.user.email, "password": f"wrong {number}"})
    client.post(LOGIN, {"login": viewer.user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_too_many_tries_of_any_kind_get_a_page_that_says_so(client):
    answers = [client.post(RESET, {"email": f"nobody-{n}@mjweb.example"}) for n in range(25)]
    assertContains(answers[-1], "Too many attempts", status_code=429)


SIGN_IN_PAGES = [LOGIN, SIGN_UP, RESET, "/accounts/logout/", "/accounts/inactive/"]


def test_sign_in_pages_are_not_cached(client):
    for page in SIGN_IN_PAGES:
        with case(page):
            assert "no-store" in client.get(page)["Cache-Control"]


@pytest.mark.parametrize(
    "page", ["/team/me/security/", "/accounts/email/", "/accounts/password/change/"]
)
def test_the_security_page_is_not_cached(page, viewer):
    assert "no-store" in client_after_sign_in(viewer.user).get(page, follow=True)["Cache-Control"]


def test_a_closed_account_cannot_sign_in_and_reads_why(viewer, client):
    viewer.user.is_active = False
    viewer.user.save()
    client.post(LOGIN, {"login": viewer.user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session

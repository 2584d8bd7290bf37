import pytest
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from apps.teams.models import User
from tests.support.cases import case
from tests.support.factories import PASSWORD, a_user, client_of

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def olivia():
    return a_user(email="olivia@mjweb.example", name="Olivia Ortega")


@pytest.mark.parametrize("email", ["olivia@mjweb.example", "Olivia@MJWEB.example"])
def test_people_sign_in_by_email(olivia, client, email):
    response = client.post(LOGIN, {"login": email, "password": PASSWORD})
    assertRedirects(response, reverse("desk:home"), fetch_redirect_response=False)
    assert client.session["_auth_user_id"] == str(olivia.pk)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("olivia@mjweb.example", "wrong", id="wrong-password"),
        pytest.param("nobody@mjweb.example", PASSWORD, id="unknown"),
        pytest.param("Olivia Ortega", PASSWORD, id="by-name"),
    ],
)
def test_wrong_credentials_are_refused(olivia, client, login, password):
    client.post(LOGIN, {"login": login, "password": password})
    assert "_auth_user_id" not in client.session


def test_signing_in_returns_to_the_wanted_page(olivia, client):
    response = client.post(
        LOGIN + "?next=/projects/", {"login": olivia.email, "password": PASSWORD}
    )
    assertRedirects(response, "/projects/", fetch_redirect_response=False)


def test_sign_up_without_an_invitation_is_closed(client):
    given = {"email": "new@mjweb.example", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), given)
    assert not User.objects.filter(email="new@mjweb.example").exists()


def test_an_email_belongs_to_one_person_whatever_its_case(olivia):
    assert a_user(email="SOMEONE@MJWEB.example").email == "someone@mjweb.example"


def test_a_stranger_is_sent_to_the_sign_in_and_back(client):
    response = client.get("/projects/?after=5")
    assertRedirects(response, f"{LOGIN}?next=/projects/%3Fafter%3D5")


def test_a_part_of_a_page_is_never_replaced_by_the_sign_in(client):
    response = client.get("/gallery/tiles/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    assert response.content == b""


def test_a_person_without_a_team_reads_why():
    assertContains(client_of(a_user()).get("/"), "team", status_code=403)


def test_the_page_for_people_without_a_team_is_not_cached():
    assert "private" in client_of(a_user()).get("/me/privacy/")["Cache-Control"]


def test_the_time_zone_is_the_persons_own_then_the_browsers(viewer):
    client = client_of(viewer)
    client.cookies["tz"] = "Asia/Tokyo"
    assert zone_of(client) == "Asia/Tokyo"
    viewer.user.time_zone = "America/Lima"
    viewer.user.save()
    assert zone_of(client) == "America/Lima"


UNKNOWN_ZONES = ["Nowhere/Land", "../../etc/passwd", "/etc/passwd", "x" * 5000, "", "a\x00b"]


def test_an_unknown_time_zone_falls_back_to_the_installations(viewer):
    client = client_of(viewer)
    for rubbish in UNKNOWN_ZONES:
        with case(rubbish):
            client.cookies["tz"] = rubbish
            assert zone_of(client) == "UTC"


def zone_of(client: Client) -> str:
    """The time zone pages are written in."""
    seen = []

    def note(sender, **_):
        seen.append(timezone.get_current_timezone_name())

    template_rendered.connect(note)
    try:
        client.get(reverse("teams:profile"))
    finally:
        template_rendered.disconnect(note)
    return seen[0]


def test_people_change_their_own_settings(viewer):
    given = {"name": "Vera", "time_zone": "Europe/Lisbon"}
    response = client_of(viewer).post(reverse("teams:profile"), given)
    assertRedirects(response, reverse("teams:profile"))
    viewer.user.refresh_from_db()
    assert (viewer.user.name, viewer.user.time_zone, viewer.user.single_keys) == (
        "Vera",
        "Europe/Lisbon",
        False,
    )


def test_an_invalid_time_zone_comes_back_with_what_was_typed(viewer):
    response = client_of(viewer).post(
        reverse("teams:profile"), {"name": "Vera", "time_zone": "Mars"}
    )
    assertContains(response, 'value="Vera"', status_code=422)


def test_a_profile_cannot_change_the_email_or_the_rights(viewer):
    given = {"name": "V", "email": "x@mjweb.example", "is_staff": "on", "is_superuser": "on"}
    client_of(viewer).post(reverse("teams:profile"), given)
    viewer.user.refresh_from_db()
    assert not viewer.user.is_staff
    assert viewer.user.email != "x@mjweb.example"


def test_everybody_sees_the_members_of_their_own_team_only(viewer, owner, stranger):
    response = client_of(viewer).get(reverse("teams:people"))
    assertContains(response, owner.user.name)
    assert stranger.user.email not in response.content.decode()

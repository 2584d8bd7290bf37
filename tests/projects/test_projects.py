import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.projects.models import Image, Project
from apps.projects.picture_links import LIFETIME, PictureLink, picture_url_for_vendor
from apps.teams.scoping import within
from tests.support.answers import put_away
from tests.support.factories import a_project, an_image, client_of

pytestmark = pytest.mark.django_db


def begin(member, **given):
    return client_of(member).post(reverse("projects:create"), given)


def test_a_project_is_created(creator):
    response = begin(creator, name="Coast", brief="Six quiet clips.")
    with within(creator.team):
        project = Project.objects.get()
    assertRedirects(response, project.get_absolute_url())
    assert (project.name, project.brief, project.created_by) == (
        "Coast",
        "Six quiet clips.",
        creator.user,
    )


def test_htmx_is_sent_to_the_new_project(creator):
    response = client_of(creator).post(
        reverse("projects:create"), {"name": "Coast"}, headers={"HX-Request": "true"}
    )
    assert response["HX-Redirect"].startswith("/projects/")


def test_a_name_that_is_taken_comes_back_with_what_was_typed(creator):
    a_project(creator.team, name="Coast")
    response = begin(creator, name="Coast", brief="Six quiet clips.")
    assertContains(response, "A project with this name already exists.", status_code=422)
    assertContains(response, "Six quiet clips.", status_code=422)


def test_a_name_used_by_another_team_is_free(creator, stranger):
    a_project(stranger.team, name="Coast")
    assert begin(creator, name="Coast").status_code == 302


def test_a_project_needs_a_name(creator):
    assertContains(begin(creator, name="  "), "This field is required", status_code=422)


def test_a_viewer_who_creates_a_project_reads_whom_to_ask(viewer):
    assertContains(
        begin(viewer, name="Coast"), "Only creators, producers and owners", status_code=403
    )
    assert client_of(viewer).get(reverse("projects:create")).status_code == 403


def test_the_list_of_projects_shows_only_the_teams(viewer, stranger):
    a_project(viewer.team, name="Coast")
    response = client_of(viewer).get(reverse("projects:list"))
    assertContains(response, "Coast")
    with within(stranger.team):
        assertNotContains(response, Project.objects.first().name)


def test_the_list_of_projects_costs_the_same_however_long(viewer, django_assert_max_num_queries):
    client, url = client_of(viewer), reverse("projects:list")
    an_image(viewer.team)
    client.get(url)
    with django_assert_max_num_queries(12) as one:
        client.get(url)
    for _ in range(5):
        an_image(viewer.team)
    with django_assert_max_num_queries(len(one)):
        client.get(url)


@pytest.mark.parametrize("kind", ["picture", "thumbnail"])
@pytest.mark.usefixtures("local_files")
def test_a_picture_is_shown_to_its_team_alone(viewer, stranger, kind):
    url = reverse("projects:image", args=[an_image(viewer.team).public_id, kind])
    response = client_of(viewer).get(url)
    assert response.status_code == 200
    assert b"".join(response)
    assert client_of(stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_picture_url_of_dashes_is_404(viewer):
    assert client_of(viewer).get(f"/projects/images/{'-' * 36}/picture").status_code == 404


@pytest.fixture
def image(team):
    return an_image(team)


def fetch_picture(token: str):
    return Client().get(reverse("projects:picture_by_link", args=[token]))


@pytest.mark.usefixtures("local_files")
def test_a_vendor_fetches_the_picture_without_signing_in(image, settings):
    settings.PUBLIC_URL = "https://mjweb.example"
    address = picture_url_for_vendor(image, "a-mark")
    assert address.startswith("https://mjweb.example/")
    assert address.endswith(".jpg?order=a-mark")
    response = Client().get(address.removeprefix("https://mjweb.example"))
    assert response["Content-Type"] == "image/jpeg"
    assert b"".join(response)[:2] == b"\xff\xd8"


def test_a_tampered_picture_link_opens_nothing(image, stranger):
    with within(stranger.team):
        theirs = Image.objects.get()
    token = PictureLink.sign(image)
    forged = token.replace(str(image.public_id), str(theirs.public_id))
    assert forged != token
    assert fetch_picture(forged).status_code == 404
    assert fetch_picture(token[:-1]).status_code == 404
    assert fetch_picture(str(image.public_id)).status_code == 404


def test_a_signature_of_another_purpose_opens_no_picture(image):
    elsewhere = signing.TimestampSigner(salt="elsewhere").sign(str(image.public_id))
    assert fetch_picture(elsewhere).status_code == 404


@pytest.mark.usefixtures("local_files")
def test_a_picture_link_works_for_a_day(image, monkeypatch):
    token = PictureLink.sign(image)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + LIFETIME.total_seconds() - 60)
    response = fetch_picture(token)
    assert response.status_code == 200
    put_away(response)
    monkeypatch.setattr(signing.time, "time", lambda: now + LIFETIME.total_seconds() + 60)
    assert fetch_picture(token).status_code == 404


def test_a_picture_link_to_a_deleted_image_opens_nothing(image):
    token = PictureLink.sign(image)
    with within(image.team):
        image.delete()
    assert fetch_picture(token).status_code == 404

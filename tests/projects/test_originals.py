"""Files kept as they came: where the team wants it, for its own people, and never for a vendor."""

from hashlib import sha256

import pytest
from django.contrib.messages import get_messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pillow
from pytest_django.asserts import assertContains, assertNotContains

from apps.core.errors import NotAllowed
from apps.projects.models import Image, Original
from apps.projects.picture_links import picture_url_for_vendor
from apps.teams.scoping import within
from apps.teams.services import set_keep_originals
from tests.support.factories import a_picture, a_project, an_image, an_original, client_of, encode

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]
GPS = 0x8825


@pytest.fixture
def project(team):
    return a_project(team)


@pytest.fixture
def upload(creator, project):
    def send(data: bytes, name: str = "DSC 1.jpg"):
        url = reverse("projects:upload", args=[project.public_id])
        return client_of(creator).post(url, {"pictures": SimpleUploadedFile(name, data)})

    return send


def originals(team) -> list[Original]:
    with within(team):
        return list(Original.objects.select_related("image"))


def photo_with_a_place() -> bytes:
    exif = Pillow.Exif()
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    return encode(Pillow.new("RGB", (40, 30), "teal"), "JPEG", exif=exif)


def test_originals_are_kept_only_if_the_team_wants_it(upload, team):
    upload(photo_with_a_place())
    assert originals(team) == []


def test_an_original_is_kept_unchanged_with_its_checksum(upload, team, owner):
    set_keep_originals(owner, keeps=True)
    data = photo_with_a_place()
    upload(data)
    (kept,) = originals(team)
    assert (kept.name, kept.size, kept.sha256) == ("DSC 1.jpg", len(data), sha256(data).hexdigest())
    assert kept.file.startswith("originals/")
    with default_storage.open(kept.file) as file:
        assert file.read() == data
    with default_storage.open(kept.image.file) as file:
        assert b"Exif" not in file.read()


def test_the_uploader_is_warned_that_the_location_stays(upload, owner):
    set_keep_originals(owner, keeps=True)
    told = [str(message) for message in get_messages(upload(photo_with_a_place()).wsgi_request)]
    assert any("The original keeps where it was taken: DSC 1.jpg" in message for message in told)
    told = [str(message) for message in get_messages(upload(a_picture(), "plain.jpg").wsgi_request)]
    assert not any("where it was taken" in message for message in told)


def test_an_original_is_downloaded_without_a_content_type(team, creator):
    image = an_image(team)
    an_original(image, b"<script>alert(1)</script>", name="a page.html")
    response = client_of(creator).get(reverse("projects:original", args=[image.public_id]))
    assert b"".join(response) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="a page.html"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "private" in response["Cache-Control"]


def test_only_people_who_add_work_see_the_link_to_an_original(team, creator, viewer):
    image = an_image(team)
    an_original(image)
    page, way = (
        image.project.get_absolute_url(),
        reverse("projects:original", args=[image.public_id]),
    )
    assertContains(client_of(creator).get(page), way)
    assertNotContains(client_of(viewer).get(page), way)
    assert client_of(viewer).get(way).status_code == 403


def test_an_image_without_its_original_is_404(team, creator):
    image = an_image(team)
    assert (
        client_of(creator).get(reverse("projects:original", args=[image.public_id])).status_code
        == 404
    )


def test_a_vendor_gets_the_cleaned_picture(team, client):
    image = an_image(team)
    an_original(image, b"the original")
    way = "/" + picture_url_for_vendor(image, "mark").partition("://")[2].partition("/")[2]
    handed = b"".join(client.get(way))
    assert handed.startswith(b"\xff\xd8\xff")
    assert b"the original" not in handed


def test_only_owners_switch_keeping_originals(team, owner, producer):
    way = reverse("teams:original_files")
    client_of(owner).post(way, {"keeps_originals": "on"})
    team.refresh_from_db()
    assert team.keeps_originals
    assert client_of(producer).post(way, {}).status_code == 403
    client_of(owner).post(way, {})
    team.refresh_from_db()
    assert not team.keeps_originals
    with pytest.raises(NotAllowed):
        set_keep_originals(producer, keeps=True)


def test_kept_originals_stay_when_keeping_is_switched_off(upload, team, owner):
    set_keep_originals(owner, keeps=True)
    upload(a_picture())
    set_keep_originals(owner, keeps=False)
    upload(a_picture(), "later.jpg")
    assert [kept.name for kept in originals(team)] == ["DSC 1.jpg"]
    with within(team):
        assert Image.objects.count() == 2

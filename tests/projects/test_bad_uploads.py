"""Every bad file goes through the page as a stranger's would, under every bad name."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.projects.models import Image
from apps.teams.scoping import within
from tests.footage.badfiles import every_file
from tests.support.answers import put_away
from tests.support.cases import case
from tests.support.factories import a_picture, a_project, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_files")]
NAMES = {
    "NUL": "heron.jpg\0.html",
    "folders": "../../../etc/cron.d/heron.jpg",
    "folders of windows": "..\\..\\heron.jpg",
    "packed folders": "%2e%2e%2fheron.jpg",
    "writing turned round": "heron\u202egpj.exe",
    "unseen marks": "her\u200b\u2066on.jpg",
    "line ends": "heron\r\nSet-Cookie: pwned=1\r\n\r\n<html>.jpg",
    "a device": "CON.jpg",
    "a stream of a file": "heron.jpg::$DATA",
    "a page": "heron.html",
    "two endings": "heron.php.jpg",
    "a script": "<img src=x onerror=alert(1)>.jpg",
    "a template": "{{ 7*7 }}{% debug %}.jpg",
    "quotation marks": "he\"ron'.jpg",
    "a dot": ".",
    "two dots": "..",
    "only an ending": ".jpg",
    "white space": "   .jpg",
    "three hundred characters": "x" * 300 + ".jpg",
    "a lone half of a sign": "heron\udcff.jpg",
    "a family of emoji": "👩‍👩‍👧‍👦.jpg",
}


@pytest.fixture
def upload(creator, team):
    project = a_project(team)
    browser, url = client_of(creator), reverse("projects:upload", args=[project.public_id])

    def send(data: bytes, name: str = "heron.jpg"):
        return browser.post(url, {"pictures": SimpleUploadedFile(name, data, "image/jpeg")})

    return send


STATUSES = {"refused": {422}, "taken": {302}, "any": {302, 422}}


@pytest.mark.proof
def test_a_bad_file_is_refused_next_to_its_field_or_taken_and_cleaned(upload, team):
    for name, (data, outcome) in every_file().items():
        with case(name), within(team):
            _check_refused_or_cleaned(upload(data), STATUSES[outcome])
            Image.objects.all().delete()


def _check_refused_or_cleaned(response, statuses: set[int]):
    assert response.status_code in statuses
    images = list(Image.objects.all())
    if response.status_code == 422:
        assert images == []
        errors = response.context["form"].errors["pictures"]
        assert errors
        assert all(error.endswith(".") for error in errors)
        assert 'aria-invalid="true"' in response.content.decode()
    for image in images:
        for path in (image.file, image.thumbnail):
            with default_storage.open(path) as file:
                assert not any(
                    bad in file.read() for bad in (b"<script", b"<?php", b"<html", b"PK\x03\x04")
                )


def raw(name: bytes, data: bytes) -> bytes:
    """A form as a program sends it that keeps no rules."""
    return (
        b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="'
        + name
        + b'"\r\nContent-Type: image/jpeg\r\n\r\n'
        + data
        + b"\r\n--x--\r\n"
    )


@pytest.mark.proof
def test_a_bad_name_never_leaves_its_line_its_folder_or_its_page(creator, team):
    url = reverse("projects:upload", args=[a_project(team).public_id])
    browser = client_of(creator)
    for name, text in NAMES.items():
        body = raw(text.encode("utf-8", "surrogateescape"), a_picture())
        with case(name), within(team):
            answer = browser.post(url, body, content_type="multipart/form-data; boundary=x")
            assert answer.status_code in {302, 422}
            for image in Image.objects.all():
                _check_name(browser, image)
            Image.objects.all().delete()


def _check_name(browser, image: Image):
    assert image.title.isprintable()
    assert 0 < len(image.title) <= 200
    assert image.file.startswith(f"images/{image.team.public_id}/")
    shown = browser.get(reverse("projects:image", args=[image.public_id, "picture"]))
    assert "\r" not in shown["Content-Disposition"]
    assert shown["Content-Disposition"].startswith("inline; filename")
    put_away(shown)


def test_a_name_of_ten_thousand_characters_is_no_form_at_all(creator, team):
    url = reverse("projects:upload", args=[a_project(team).public_id])
    body = raw(b"x" * 10_000 + b".jpg", a_picture())
    response = client_of(creator).post(url, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400


def test_many_bad_files_at_once_are_each_named(creator, team):
    url = reverse("projects:upload", args=[a_project(team).public_id])
    bad = [SimpleUploadedFile(f"bad-{number}.jpg", b"<svg/>") for number in range(20)]
    response = client_of(creator).post(url, {"pictures": bad})
    assert response.status_code == 422
    assert len(response.context["form"].errors["pictures"]) == 20


def test_more_files_than_a_form_may_have_are_refused(creator, team):
    url = reverse("projects:upload", args=[a_project(team).public_id])
    many = [SimpleUploadedFile(f"{number}.jpg", b"x") for number in range(150)]
    assert client_of(creator).post(url, {"pictures": many}).status_code == 400

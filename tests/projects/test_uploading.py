"""Uploads through the page, with real pictures."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pillow
from pytest_django.asserts import assertContains, assertRedirects

from apps.core.errors import NotAllowed
from apps.projects.models import Image
from apps.projects.services import add_image
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_picture, a_project, client_of, encode

pytestmark = pytest.mark.django_db
GPS = 0x8825


@pytest.fixture
def project(team):
    return a_project(team)


@pytest.fixture
def upload(creator, project):
    """Send files as a browser does: name and bytes of each."""

    def send(*files: tuple[str, bytes]):
        url = reverse("projects:upload", args=[project.public_id])
        pictures = [SimpleUploadedFile(name, data, "text/plain") for name, data in files]
        return client_of(creator).post(url, {"pictures": pictures})

    return send


@pytest.fixture
def images(project):
    """Read the project's images as they are now, oldest first."""

    def read() -> list[Image]:
        with within(project.team):
            return list(Image.objects.filter(project=project).order_by("pk"))

    return read


def photo_with_a_place() -> bytes:
    """A JPEG that tells where it was taken, and by which camera, and lies on its side."""
    exif = Pillow.Exif()
    exif[0x0110], exif[0x0112] = "A camera nobody should know", 6
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    out = BytesIO()
    Pillow.new("RGB", (48, 32), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_pictures_of_every_supported_type_are_accepted(upload, images, project, format_):
    assertRedirects(upload(("Heron.bin", a_picture(64, 48, format_))), project.get_absolute_url())
    (image,) = images()
    assert (image.title, image.width, image.height) == ("Heron", 64, 48)
    with default_storage.open(image.file) as file, Pillow.open(file) as kept:
        assert (kept.format, kept.size) == ("JPEG", (64, 48))
    with default_storage.open(image.thumbnail) as file, Pillow.open(file) as kept:
        assert kept.format == "WEBP"


def test_several_pictures_are_uploaded_at_once(upload, images):
    upload(("one.jpg", a_picture()), ("two.jpg", a_picture()), ("three.jpg", a_picture()))
    assert [image.title for image in images()] == ["one", "two", "three"]


def test_good_pictures_stay_when_others_are_faulty(upload, images):
    whole = a_picture()
    response = upload(
        ("good.jpg", a_picture()), ("bad.jpg", b"<svg/>"), ("cut.jpg", whole[: len(whole) // 2])
    )
    assert [image.title for image in images()] == ["good"]
    assertContains(response, "bad.jpg: ", status_code=422)
    assertContains(response, "cut.jpg: ", status_code=422)


def test_an_empty_file_is_named_and_the_others_are_added(upload, images):
    answer = upload(("one.jpg", a_picture()), ("empty.png", b""))
    assertContains(answer, "“empty.png” is empty (0 kB).", status_code=422)
    assertContains(answer, "1 image added.", status_code=422)
    assert [image.title for image in images()] == ["one"]


def test_a_file_that_is_no_picture_is_refused_with_a_message(upload, images):
    for data in (b"not a picture", b"<svg xmlns='x'/>"):
        with case(data):
            assertContains(upload(("x.jpg", data)), "JPEG, PNG, WebP or HEIC", status_code=422)
            assert images() == []


def test_an_upload_without_a_file_asks_for_one(upload):
    assertContains(upload(), "Choose at least one image.", status_code=422)


def test_the_message_names_a_picture_that_is_too_large(upload, images, settings):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    response = upload(("huge.jpg", bytes(1024 * 1024 + 1)))
    assertContains(response, "“huge.jpg” is larger than 1 MB", status_code=422)
    assert images() == []


def test_the_same_picture_twice_is_one_image(upload, images):
    data = a_picture()
    upload(("one.jpg", data), ("again.jpg", data))
    upload(("once-more.jpg", data))
    assert [image.title for image in images()] == ["one"]


def test_the_same_picture_in_two_projects_is_two_images(creator, team):
    data = a_picture()
    with within(team):
        one, two = (add_image(creator, a_project(team), data=data, name="x.jpg") for _ in range(2))
    assert one != two


def test_the_location_of_a_photo_is_removed(upload, images):
    upload(("me.jpg", photo_with_a_place()))
    (image,) = images()
    assert (image.width, image.height) == (32, 48), "it stands upright"
    for name in (image.file, image.thumbnail):
        with default_storage.open(name) as file:
            data = file.read()
        assert b"Exif" not in data
        assert b"camera" not in data
        with Pillow.open(BytesIO(data)) as kept:
            assert not kept.getexif()


def test_a_thumbnail_is_small_and_of_the_same_shape(creator, project):
    data = encode(Pillow.radial_gradient("L").resize((1600, 900)).convert("RGB"), "JPEG")
    with within(project.team):
        image = add_image(creator, project, data=data, name="x.jpg")
    with default_storage.open(image.thumbnail) as file, Pillow.open(file) as thumbnail:
        assert thumbnail.size == image.thumbnail_size == (640, 360)


TITLES = [
    ("../../etc/passwd.jpg", "passwd"),
    ("a" * 300 + ".jpg", "a"),
    (".jpg", "jpg"),
    ("  ..", "Untitled"),
]


def test_a_title_is_the_file_name_without_its_path(creator, project):
    for name, title in TITLES:
        with case((name, title)):
            with within(project.team):
                image = add_image(creator, project, data=a_picture(), name=name)
            assert image.title == title or set(image.title) == {"a"}
            assert len(image.title) <= 200
            assert ".." not in image.file


def test_a_viewer_cannot_upload(viewer, project):
    with within(project.team), pytest.raises(NotAllowed):
        add_image(viewer, project, data=a_picture(), name="x.jpg")


def test_a_truncated_stored_file_is_written_again(upload, images):
    picture = a_picture()
    upload(("heron.jpg", picture))
    whole, name = default_storage.size(images()[0].file), images()[0].file
    with default_storage.open(name, "wb") as cut:
        cut.write(b"half")
    images()[0].delete()
    upload(("heron.jpg", picture))
    assert default_storage.size(name) == whole

"""Pictures added from a URL: fetched as outbound HTTP, then treated as uploads are."""

import threading
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from apps.projects import services
from apps.projects.models import Image
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_picture, a_project, client_of
from tests.support.fake_network import HOST, PUBLIC, answer

pytestmark = pytest.mark.django_db
ADDRESS = f"https://{HOST}/press/photo%20one.jpg?w=1200"


@pytest.fixture
def project(team):
    return a_project(team)


@pytest.fixture
def fetch(creator, project):
    """Send an address, and files beside it, as a browser does."""

    def send(address: str, *files: tuple[str, bytes]):
        pictures = [SimpleUploadedFile(name, data) for name, data in files]
        place = reverse("projects:upload", args=[project.public_id])
        return client_of(creator).post(place, {"address": address, "pictures": pictures})

    return send


@pytest.fixture
def titles(project):
    def read() -> list[str]:
        with within(project.team):
            return list(
                Image.objects.filter(project=project).order_by("pk").values_list("title", flat=True)
            )

    return read


def test_a_picture_is_fetched_and_named_after_its_url(fetch, titles, network, project):
    network.respond = lambda request: answer(200, a_picture(64, 48))
    assertRedirects(fetch(f"  {ADDRESS} "), project.get_absolute_url())
    assert titles() == ["photo one"]
    [request] = network.requests
    assert (request.address, request.target) == (PUBLIC, "/press/photo%20one.jpg?w=1200")
    assert not {"cookie", "authorization", "referer"} & request.headers.keys()


def test_files_and_a_url_are_added_together(fetch, titles, network):
    network.respond = lambda request: answer(200, a_picture())
    fetch(ADDRESS, ("mine.jpg", a_picture()))
    assert titles() == ["mine", "photo one"]


BAD_URLS = [
    ("http://127.0.0.1/x.jpg", "inside this network"),
    ("https://2130706433/x.jpg", "no valid host name"),
    (f"https://{HOST}:22/x.jpg", "Port 22 isn"),
    ("file:///etc/passwd", "http:// or https://"),
    ("data:image/png;base64,iVBORw0KGgo=", "http:// or https://"),
    ("https://user:pw@example.test/x.jpg", "user name or password"),
    ("picture.jpg", "http:// or https://"),
    ("https://inside.example.test/x.jpg", "inside this network"),
    ("https://nobody.example.test/x.jpg", "find nobody.example.test. Check the address."),
]


def test_a_bad_url_is_refused_and_stays_typed(fetch, titles, network):
    network.names |= {"inside.example.test": ["10.0.0.1"]}
    for address, words in BAD_URLS:
        with case((address, words)):
            answered = fetch(address)
            assertContains(answered, words, status_code=422)
            assertContains(answered, f'value="{address}"', status_code=422)
            assert network.dialled == []
            assert titles() == []


def answer_to(content: bytes, _request):
    return answer(200, content, content_type="image/jpeg")


NO_PICTURES = [
    (b"<html>sign in</html>", "JPEG, PNG, WebP or HEIC"),
    (b"<svg/>", "JPEG"),
    (b"", "JPEG"),
]


def test_a_url_without_a_picture_is_refused_beside_its_field(fetch, titles, network):
    for content, words in NO_PICTURES:
        with case((content, words)):
            network.respond = partial(answer_to, content)
            answered = fetch(ADDRESS)
            assert words in " ".join(answered.context["form"].errors["address"])
            assert titles() == []


def test_files_are_added_even_if_the_url_fails(fetch, titles, network):
    answered = fetch(ADDRESS, ("mine.jpg", a_picture()))
    assertContains(answered, "connect to cdn.example.test", status_code=422)
    assert titles() == ["mine"]


def test_a_picture_past_the_limit_is_not_taken(fetch, titles, network, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    network.respond = lambda request: answer(200, bytes(1001))
    assertContains(fetch(ADDRESS), "is larger than", status_code=422)
    assert titles() == []


def test_a_redirect_to_a_private_address_is_not_followed(fetch, network):
    network.respond = lambda request: answer(302, location="https://169.254.169.254/latest/")
    assertContains(fetch(ADDRESS), "inside this network", status_code=422)
    assert network.dialled == [(PUBLIC, 443)]


def test_slow_servers_occupy_two_threads_at_most(creator, project, network, monkeypatch):
    monkeypatch.setattr(services, "FETCHING_WAIT_SECONDS", 0.01)
    go_on, waiting = threading.Event(), threading.Semaphore(0)

    def respond(request):
        waiting.release()
        go_on.wait(10)
        return answer(404)

    def slow():
        with pytest.raises(services.DomainError):
            services._fetch(ADDRESS)

    network.respond = respond
    others = [threading.Thread(target=slow) for _ in range(2)]
    for other in others:
        other.start()
        assert waiting.acquire(timeout=10)
    with within(project.team), pytest.raises(services.DomainError, match="are being added"):
        services.fetch_image(creator, project, address=ADDRESS)
    go_on.set()
    for other in others:
        other.join()

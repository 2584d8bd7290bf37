import asyncio
import threading
from io import BytesIO

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404
from django.test import AsyncClient, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.core import serving
from apps.core.serving import (
    CHUNK_BYTES,
    SIGNED_URL_SECONDS,
    RangeNotSatisfiable,
    parse_range,
    serve,
)
from tests.support.factories import a_clip, client_of

pytestmark = pytest.mark.usefixtures("local_files")
CONTENT = bytes(range(256)) * 4


@pytest.fixture
def ask():
    """Ask for a stored file, with any method and headers."""
    default_storage.save("film.mp4", ContentFile(CONTENT))
    default_storage.save("empty.mp4", ContentFile(b""))

    def serve_stored(name="film.mp4", method="get", **headers):
        request = getattr(RequestFactory(), method)(
            "/", headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        return serve(request, name, content_type="video/mp4", etag="abc")

    return serve_stored


def body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def test_a_file_comes_whole_with_its_length_and_the_offer_of_ranges(ask):
    response = ask()
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert response["Content-Length"] == "1024"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Type"] == "video/mp4"
    assert "Content-Range" not in response


@pytest.mark.parametrize(
    ("wanted", "told", "content"),
    [
        pytest.param("bytes=0-0", "bytes 0-0/1024", CONTENT[:1], id="first-byte"),
        pytest.param("bytes=10-19", "bytes 10-19/1024", CONTENT[10:20], id="both-ends"),
        pytest.param("bytes=1000-", "bytes 1000-1023/1024", CONTENT[1000:], id="open"),
        pytest.param("bytes=-24", "bytes 1000-1023/1024", CONTENT[1000:], id="suffix"),
        pytest.param("bytes=-9999", "bytes 0-1023/1024", CONTENT, id="suffix-longer-than-the-file"),
        pytest.param("bytes=1000-99999", "bytes 1000-1023/1024", CONTENT[1000:], id="past-the-end"),
    ],
)
def test_a_range_comes_as_asked_for(ask, wanted, told, content):
    response = ask(Range=wanted)
    assert response.status_code == 206
    assert response["Content-Range"] == told
    assert response["Content-Length"] == str(len(content))
    assert body(response) == content


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=-",
        "bytes=5-3",
        "bytes=0-1,5-6",
        "lines=0-5",
        "bytes=a-b",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
    ],
    ids=[
        "empty",
        "backwards",
        "several",
        "another-unit",
        "letters",
        "other-digits",
        "endless-digits",
    ],
)
def test_a_range_that_makes_no_sense_is_overlooked(ask, wanted):
    response = ask(Range=wanted)
    assert response.status_code == 200
    assert body(response) == CONTENT


@pytest.mark.parametrize("wanted", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_the_file_is_told_how_long_the_file_is(ask, wanted):
    response = ask(Range=wanted)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
    assert body(response) == b""


def test_an_empty_file_comes_empty_and_has_no_range(ask):
    assert body(ask("empty.mp4")) == b""
    assert ask("empty.mp4")["Content-Length"] == "0"
    assert ask("empty.mp4", Range="bytes=0-").status_code == 416


def test_head_tells_the_length_and_sends_nothing(ask):
    response = ask(method="head", Range="bytes=0-9")
    assert (response.status_code, response["Content-Length"]) == (200, "1024")
    assert body(response) == b""


@pytest.mark.parametrize("known", ['"abc"', 'W/"abc"', '"old", "abc"', "*"])
def test_what_the_browser_has_is_not_sent_again(ask, known):
    response = ask(If_None_Match=known)
    assert response.status_code == 304
    assert response["ETag"] == '"abc"'


def test_a_file_of_another_version_is_sent_again(ask):
    assert ask(If_None_Match='"old"').status_code == 200


def test_a_range_of_another_version_is_answered_with_the_whole_file(ask):
    assert ask(Range="bytes=0-9", If_Range='"abc"').status_code == 206
    assert ask(Range="bytes=0-9", If_Range='"old"').status_code == 200
    assert ask(Range="bytes=0-9", If_Range="Wed, 21 Oct 2026 07:28:00 GMT").status_code == 200


def test_a_file_that_is_not_there_is_404(ask):
    with pytest.raises(Http404):
        ask("nothing.mp4")


@pytest.mark.django_db
def test_a_browser_that_goes_away_before_the_first_byte_leaves_no_file_open(ask):
    # An open file would be a ResourceWarning, and warnings are errors here.
    ask().close()


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 2000))
def test_whatever_is_asked_lies_inside_the_file(header, size):
    try:
        span = parse_range(header, size)
    except RangeNotSatisfiable:
        return
    assert span is None or 0 <= span[0] <= span[1] < size


def test_a_long_file_is_streamed_in_pieces_under_asgi():
    content = bytes(3 * CHUNK_BYTES + 5)
    default_storage.save("long.mp4", ContentFile(content))
    request = ASGIRequest({"type": "http", "method": "GET", "path": "/", "headers": []}, BytesIO())

    async def pieces():
        response = serve(request, "long.mp4", content_type="video/mp4", etag="x")
        return [piece async for piece in response]

    received = async_to_sync(pieces)()
    assert len(received) == 4
    assert b"".join(received) == content


def test_a_browser_that_stops_in_the_middle_closes_the_file_under_asgi():
    default_storage.save("long.mp4", ContentFile(bytes(3 * CHUNK_BYTES)))
    request = ASGIRequest({"type": "http", "method": "GET", "path": "/", "headers": []}, BytesIO())

    async def first_piece_only():
        response = serve(request, "long.mp4", content_type="video/mp4", etag="x")
        pieces = aiter(response)
        await anext(pieces)
        await pieces.aclose()

    async_to_sync(first_piece_only)()


@pytest.mark.django_db
def test_a_clip_seeks_through_the_whole_stack_under_asgi(team, viewer):
    clip = a_clip(team)
    with default_storage.open(clip.file) as file:
        content = file.read()
    url = reverse("clips:file", args=[clip.public_id, "video"])

    async def seek():
        client = AsyncClient()
        await client.aforce_login(viewer.user)
        response = await client.get(url, headers={"Range": "bytes=100-199"})
        return response, b"".join([piece async for piece in response])

    response, received = async_to_sync(seek)()
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes 100-199/{clip.size}"
    assert received == content[100:200]


@pytest.mark.django_db
def test_a_stored_file_can_never_act_as_a_page(team, viewer):
    response = client_of(viewer).get(reverse("clips:file", args=[a_clip(team).public_id, "poster"]))
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert (
        response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Content-Disposition"].startswith("inline; filename=")
    assert "private" in response["Cache-Control"]
    response.close()


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", "text/xml", ""])
def test_a_file_that_we_did_not_draw_is_only_ever_saved(kind):
    default_storage.save("file", ContentFile(b"<script>alert(1)</script>"))
    response = serve(
        RequestFactory().get("/"),
        "file",
        content_type=kind,
        etag="abc",
        download_name="a\r\nb.html",
    )
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="a b.html"'


@pytest.mark.parametrize(
    ("called", "disposition"),
    [
        ('he"ron.mp4', 'inline; filename="he_ron.mp4"'),
        ("her\r\nSet-Cookie: a=b.mp4", 'inline; filename="her Set-Cookie_ a=b.mp4"'),
        ("../../heron.mp4", 'inline; filename="heron.mp4"'),
        ("Reiher über Köln.mp4", "inline; filename*=utf-8''Reiher%20%C3%BCber%20K%C3%B6ln.mp4"),
    ],
)
def test_a_name_stays_within_its_header(ask, called, disposition):
    ask()
    response = serve(
        RequestFactory().get("/"),
        "film.mp4",
        content_type="video/mp4",
        etag="a",
        download_name=called,
    )
    assert response["Content-Disposition"] == disposition


def test_a_browser_that_goes_away_in_the_middle_of_a_chunk_leaves_nothing_open():
    reading, released, closed = threading.Event(), threading.Event(), threading.Event()

    def chunks():
        try:
            reading.set()
            released.wait(10)
            yield b"late"
        finally:
            closed.set()

    async def watch_and_leave() -> None:
        watching = asyncio.ensure_future(anext(serving._make_in_threads(chunks())))
        await asyncio.to_thread(reading.wait, 10)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        released.set()
        assert await asyncio.to_thread(closed.wait, 10)

    asyncio.run(watch_and_leave())


def test_a_remote_file_is_handed_out_by_a_signed_address_that_expires(settings):
    """Needs no server: the address is signed here."""
    settings.FILES_ARE_REMOTE = True
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "clips",
                "endpoint_url": "http://127.0.0.1:9",
                "access_key": "key",
                "secret_key": "secret",
                "region_name": "eu-central-1",
                "signature_version": "s3v4",
                "querystring_expire": 60,
            },
        }
    }
    answer = serve(RequestFactory().get("/"), "film.mp4", content_type="video/mp4", etag="abc")
    assert answer.status_code == 302
    assert answer["Location"].startswith("http://127.0.0.1:9/clips/film.mp4?")
    assert "X-Amz-Signature=" in answer["Location"]
    assert f"X-Amz-Expires={SIGNED_URL_SECONDS}" in answer["Location"]
    assert "response-content-type=video%2Fmp4" in answer["Location"]
    assert "response-content-disposition=inline" in answer["Location"]
    assert answer["Cache-Control"] == "private, no-store"
    assert "secret" not in answer["Location"]

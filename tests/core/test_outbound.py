import base64
import hashlib
import socket
import threading
from contextlib import contextmanager, suppress
from io import BytesIO
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import outbound
from apps.core.outbound import FetchError, FetchRefused, FetchTryLater, download

CLIP = b"a clip of some bytes"
URL = "https://cdn.example.test/out/0.mp4?sig=a%2Fb"
PUBLIC, OTHER = "93.184.216.34", "2606:2800:220:1::1"


def resolving(**hosts):
    """A resolver that knows these hosts, dots written as underscores, and nothing else."""
    known = {name.replace("_", "."): addresses for name, addresses in hosts.items()}
    return lambda host, port: known[host]


CDN = resolving(cdn_example_test=[PUBLIC])


def fetch(handler, url=URL, **options):
    target = BytesIO()
    options = {"max_bytes": 1000, "resolver": CDN, "transport": httpx.MockTransport(handler)} | options
    return download(url, target, **options), target.getvalue()


def answer(status=200, content=b"", headers=None):
    """An answer that streams, as one from the wire does, and promises its length."""
    length = {"Content-Length": str(len(content))}
    return httpx.Response(status, stream=httpx.ByteStream(content), headers=length | (headers or {}))


def answering(status=200, **options):
    return lambda request: answer(status, **options)


def pouring(*pieces, **options):
    """A body in pieces, without a promised length."""

    class Stream(httpx.SyncByteStream):
        def __iter__(self):
            yield from pieces

    return lambda request: httpx.Response(200, stream=Stream(), **options)


def never(request):
    pytest.fail(f"{request.url} was dialled")


def test_a_file_is_written_and_described():
    kind = {"Content-Type": "video/MP4; codecs=avc1"}
    got, written = fetch(answering(content=CLIP, headers=kind))
    assert written == CLIP
    assert (got.size, got.sha256) == (len(CLIP), hashlib.sha256(CLIP).hexdigest())
    assert got.content_type == "video/mp4"


def test_the_connection_goes_to_the_checked_address_under_the_hosts_name():
    seen = []

    def handler(request):
        seen.append(request)
        return answer(content=CLIP)

    fetch(handler)
    [request] = seen
    assert request.url == f"https://{PUBLIC}/out/0.mp4?sig=a%2Fb"
    assert request.headers["Host"] == "cdn.example.test"
    assert request.extensions["sni_hostname"] == "cdn.example.test"
    assert request.headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in request.headers


def test_a_port_stays_in_address_and_name():
    seen = []

    def handler(request):
        seen.append((str(request.url), request.headers["Host"]))
        return answer(content=CLIP)

    fetch(handler, "http://cdn.example.test:8080/0.mp4")
    assert seen == [(f"http://{PUBLIC}:8080/0.mp4", "cdn.example.test:8080")]


def test_a_name_is_asked_once_so_that_it_cannot_change_its_mind():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    got, _ = fetch(answering(content=CLIP), resolver=lambda host, port: next(answers))
    assert got.size == len(CLIP)
    assert next(answers) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:169.254.169.254"], ["169.254.169.254"]]
)
def test_a_name_that_leads_inside_is_never_dialled(addresses):
    with pytest.raises(FetchRefused, match=r"cdn\.example\.test lies in a network"):
        fetch(never, resolver=resolving(cdn_example_test=addresses))


def test_a_private_address_is_dialled_where_that_is_wanted():
    got, _ = fetch(
        answering(content=CLIP), resolver=resolving(cdn_example_test=["127.0.0.1"]), allow_private=True
    )
    assert got.size == len(CLIP)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_loopback_is_recognised_however_it_is_spelled(host):
    with pytest.raises(FetchError):
        fetch(never, f"http://{host}/", resolver=outbound.system_resolver)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "clip.mp4",
        "//cdn.example.test/",
        "file:///etc/passwd",
        "ftp://cdn.example.test/",
        "gopher://cdn.example.test/",
        "http://",
        "http://cdn.example.test:port/",
        "https://user:pw@cdn.example.test/",
        "http://a\x00b/",
    ],
)
def test_an_address_that_is_none_of_ours_is_refused(url):
    with pytest.raises(FetchRefused):
        fetch(never, url)


def test_the_next_address_of_a_host_is_tried_when_one_is_dead():
    tried = []

    def handler(request):
        tried.append(request.url.host)
        if request.url.host == OTHER:
            raise httpx.ConnectError("no route", request=request)
        return answer(content=CLIP)

    fetch(handler, resolver=resolving(cdn_example_test=[OTHER, PUBLIC]))
    assert tried == [OTHER, PUBLIC]


# --- redirects ----------------------------------------------------------------------------------------------


def redirecting(*places, status=302):
    """Send from one place to the next, and hand out the clip at the end."""
    onward = iter(places)

    def handler(request):
        place = next(onward, None)
        if place is None:
            return answer(content=CLIP)
        return httpx.Response(status, headers={"Location": place})

    return handler


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status):
    assert fetch(redirecting("/elsewhere.mp4", status=status))[1] == CLIP


def test_each_redirect_is_checked_like_the_first_address():
    resolver = resolving(cdn_example_test=[PUBLIC], inside_example_test=["192.168.0.1"])
    with pytest.raises(FetchRefused, match=r"inside\.example\.test lies in a network"):
        fetch(redirecting("https://inside.example.test/"), resolver=resolver)


def test_a_redirect_may_not_give_up_encryption():
    with pytest.raises(FetchRefused, match="unencrypted"):
        fetch(redirecting("http://cdn.example.test/0.mp4"))


@pytest.mark.parametrize("place", ["file:///etc/passwd", "https://x:port/", "https://u:p@cdn.example.test/"])
def test_a_redirect_to_something_else_is_not_followed(place):
    with pytest.raises(FetchError):
        fetch(redirecting(place))


def test_three_redirects_are_enough():
    assert fetch(redirecting("/1", "/2", "/3"))[1] == CLIP
    with pytest.raises(FetchRefused, match="from one address to the next"):
        fetch(redirecting("/1", "/2", "/3", "/4"))


# --- what comes ---------------------------------------------------------------------------------------------


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not():
    assert fetch(answering(content=CLIP), max_bytes=len(CLIP))[1] == CLIP
    with pytest.raises(FetchRefused, match="sends more than"):
        fetch(answering(content=CLIP), max_bytes=len(CLIP) - 1)


def test_a_promise_past_the_limit_is_refused_before_a_byte_is_written():
    target = BytesIO()
    body = answering(content=CLIP)
    with pytest.raises(FetchRefused, match="sends more than 5e-06 MB"):
        download(URL, target, max_bytes=5, resolver=CDN, transport=httpx.MockTransport(body))
    assert target.getvalue() == b""


def test_a_body_without_a_promise_is_cut_off_at_the_limit():
    target = BytesIO()
    body = pouring(*[b"x" * 100] * 50)
    with pytest.raises(FetchRefused, match="sends more than"):
        download(URL, target, max_bytes=1000, resolver=CDN, transport=httpx.MockTransport(body))
    assert len(target.getvalue()) <= 1000


@pytest.mark.parametrize("promised", ["21", "19"])
def test_a_body_of_another_length_than_promised_is_not_whole(promised):
    body = pouring(CLIP, headers={"Content-Length": promised})
    with pytest.raises(FetchTryLater, match="promised"):
        fetch(body)


def test_a_packed_body_is_refused():
    with pytest.raises(FetchRefused, match="packed"):
        fetch(answering(content=CLIP, headers={"Content-Encoding": "gzip"}))


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_in_trouble_is_tried_later(status):
    with pytest.raises(FetchTryLater, match=str(status)):
        fetch(answering(status))


@pytest.mark.parametrize("status", [204, 206, 304, 400, 403, 404, 410])
def test_a_server_that_says_no_is_not_asked_again(status):
    with pytest.raises(FetchRefused, match=str(status)):
        fetch(answering(status))


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_a_broken_connection_is_tried_later(error):
    def handler(request):
        raise error("gone", request=request)

    with pytest.raises(FetchTryLater):
        fetch(handler)


def test_a_name_that_cannot_be_looked_up_is_tried_later():
    def resolver(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(FetchTryLater, match="looked up"):
        fetch(never, resolver=resolver)


def test_a_name_without_addresses_is_tried_later():
    with pytest.raises(FetchTryLater, match="no address"):
        fetch(never, resolver=lambda host, port: [])


def test_a_name_that_is_none_is_refused():
    with pytest.raises(FetchRefused, match="no name"):
        fetch(never, f"http://{'a' * 70}.test/", resolver=outbound.system_resolver)


def test_the_whole_of_it_may_not_take_too_long(monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(outbound, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    with pytest.raises(FetchTryLater, match="too long"):
        fetch(pouring(*[b"x"] * 10), timeout=45)


# --- a clip inside its own address --------------------------------------------------------------------------


def inline(raw: bytes, kind: str = "video/mp4") -> str:
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def test_a_clip_inside_its_address_is_written_without_dialling():
    got, written = fetch(never, inline(CLIP))
    assert (written, got.size, got.content_type) == (CLIP, len(CLIP), "video/mp4")


@pytest.mark.parametrize(
    "url", ["data:", "data:video/mp4,plain", "data:video/mp4;base64,###", inline(bytes(1001))]
)
def test_a_clip_inside_its_address_is_checked_too(url):
    with pytest.raises(FetchRefused):
        fetch(never, url)


# --- over a real socket -------------------------------------------------------------------------------------


@contextmanager
def server(answer: bytes):
    """Answer one connection with these bytes, then hang up."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)

        def serve():
            connection, _ = door.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://films.example.test:{door.getsockname()[1]}/0.mp4"
        thread.join()


def fetch_for_real(url):
    target = BytesIO()
    resolver = resolving(films_example_test=["127.0.0.1"])
    return download(url, target, max_bytes=1000, allow_private=True, resolver=resolver), target.getvalue()


def test_a_file_comes_over_a_real_socket():
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: video/mp4\r\n\r\nclip") as url:
        got, written = fetch_for_real(url)
    assert (got.size, written) == (4, b"clip")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"no http at all\r\n\r\n",
        b"",
    ],
)
def test_a_body_cut_short_is_tried_later(answer):
    with server(answer) as url, pytest.raises(FetchTryLater):
        fetch_for_real(url)


def test_a_closed_door_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(FetchTryLater, match="could not be reached"):
        fetch_for_real(f"http://films.example.test:{port}/")


@given(st.text() | st.text().map("http://{}".format) | st.text().map("data:{}".format))
def test_any_text_is_a_file_or_an_error_of_ours(url):
    def resolver(host, port):
        raise socket.gaierror

    with suppress(FetchError):
        download(url, BytesIO(), max_bytes=10, resolver=resolver, transport=httpx.MockTransport(never))

"""Fetching from the outside: what comes, and what does not."""

import base64
import hashlib
import socket
import threading
import time
from contextlib import contextmanager, suppress
from io import BytesIO

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.outbound import Dialler, FetchError, FetchRefused, FetchTryLater, download
from tests.support.fake_network import HOST, OTHER, PUBLIC, FakeNetwork, answer

CLIP = b"a clip of some bytes"
URL = f"https://{HOST}/out/0.mp4?sig=a%2Fb"


def fetch(respond=None, url=URL, *, names=None, dead=frozenset(), max_bytes=1000, **options):
    """Download in a world where every server answers by `respond`; return result and content."""
    target = BytesIO()
    network = FakeNetwork(names={HOST: [PUBLIC]} | (names or {}), respond=respond, dead=dead)
    return download(
        url, target, max_bytes=max_bytes, dialler=network.dialler, **options
    ), target.getvalue()


def answering(status=200, content=b"", **headers):
    return lambda request: answer(status, content, **headers)


def pouring(*pieces, **headers):
    """A body in pieces, without a promised length."""
    return lambda request: [answer(content_length="", **headers), *pieces]


def never(request):
    pytest.fail(f"{request.address} was dialled")


def test_a_file_is_written_and_described():
    got, written = fetch(answering(content=CLIP, content_type="video/MP4; codecs=avc1"))
    assert written == CLIP
    assert (got.size, got.sha256) == (len(CLIP), hashlib.sha256(CLIP).hexdigest())
    assert got.content_type == "video/mp4"


def test_the_connection_goes_to_the_checked_address_under_the_hosts_name():
    network = FakeNetwork(respond=answering(content=CLIP))
    download(URL, BytesIO(), max_bytes=1000, dialler=network.dialler)
    [request] = network.requests
    assert (request.address, request.port, request.tls) == (PUBLIC, 443, HOST)
    assert request.target == "/out/0.mp4?sig=a%2Fb"
    assert request.headers["host"] == HOST
    assert request.headers["accept-encoding"] == "identity"
    assert not {"authorization", "cookie"} & request.headers.keys()


def test_a_port_stays_in_address_and_name():
    network = FakeNetwork(respond=answering(content=CLIP))
    download(f"http://{HOST}:8080/0.mp4", BytesIO(), max_bytes=1000, dialler=network.dialler)
    [request] = network.requests
    assert (request.address, request.port, request.tls) == (PUBLIC, 8080, None)
    assert request.headers["host"] == f"{HOST}:8080"


def test_a_name_is_asked_once_so_that_it_cannot_change_its_mind():
    network = FakeNetwork(names={HOST: [[PUBLIC], ["127.0.0.1"]]}, respond=answering(content=CLIP))
    download(URL, BytesIO(), max_bytes=1000, dialler=network.dialler)
    assert network.lookups == [HOST]
    assert network.dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:169.254.169.254"], ["169.254.169.254"]],
)
def test_a_name_that_leads_inside_is_never_dialled(addresses):
    with pytest.raises(FetchRefused, match="inside this network"):
        fetch(never, names={HOST: addresses})


def test_a_private_address_and_an_odd_port_are_dialled_where_that_is_wanted():
    got, _ = fetch(
        answering(content=CLIP),
        f"http://{HOST}:9/",
        names={HOST: ["127.0.0.1"]},
        allow_private=True,
    )
    assert got.size == len(CLIP)


def test_the_environments_proxies_are_not_used(monkeypatch):
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    network = FakeNetwork(respond=answering(content=CLIP))
    download(URL, BytesIO(), max_bytes=1000, dialler=network.dialler)
    assert network.dialled == [(PUBLIC, 443)]


def test_what_a_server_sets_as_a_cookie_is_not_given_back():
    network = FakeNetwork(respond=lambda request: next(turns))
    turns = iter([answer(302, location="/next", set_cookie="who=you; Path=/"), answer(200, CLIP)])
    download(URL, BytesIO(), max_bytes=1000, dialler=network.dialler)
    assert "cookie" not in network.requests[1].headers


def test_the_next_address_of_a_host_is_tried_when_one_is_dead():
    network = FakeNetwork(
        names={HOST: [OTHER, PUBLIC]}, respond=answering(content=CLIP), dead={OTHER}
    )
    download(URL, BytesIO(), max_bytes=1000, dialler=network.dialler)
    assert [address for address, _ in network.dialled] == [OTHER, PUBLIC]


# --- redirects ------------------------------------------------------------------------------------


def redirecting(*places, status=302):
    """Send from one place to the next, and hand out the clip at the end."""
    onward = iter(places)

    def respond(request):
        place = next(onward, None)
        return answer(200, CLIP) if place is None else answer(status, location=place)

    return respond


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status):
    assert fetch(redirecting("/elsewhere.mp4", status=status))[1] == CLIP


def test_each_redirect_is_checked_like_the_first_address():
    names = {"inside.example.test": ["192.168.0.1"]}
    with pytest.raises(FetchRefused, match="inside this network"):
        fetch(redirecting("https://inside.example.test/"), names=names)


def test_a_redirect_may_not_give_up_encryption():
    with pytest.raises(FetchRefused, match="unencrypted"):
        fetch(redirecting("http://cdn.example.test/0.mp4"))


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "https://x:port/", "https://u:p@cdn.example.test/"]
)
def test_a_redirect_to_something_else_is_not_followed(place):
    with pytest.raises(FetchError):
        fetch(redirecting(place))


def test_three_redirects_are_enough():
    assert fetch(redirecting("/1", "/2", "/3"))[1] == CLIP
    with pytest.raises(FetchRefused, match="redirects too often"):
        fetch(redirecting("/1", "/2", "/3", "/4"))


# --- what comes -----------------------------------------------------------------------------------


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not():
    assert fetch(answering(content=CLIP), max_bytes=len(CLIP))[1] == CLIP
    with pytest.raises(FetchRefused, match="is larger than"):
        fetch(answering(content=CLIP), max_bytes=len(CLIP) - 1)


def test_a_promise_past_the_limit_is_refused_before_a_byte_is_written():
    target = BytesIO()
    network = FakeNetwork(respond=answering(content=CLIP))
    with pytest.raises(FetchRefused, match="larger than 5e-06 MB"):
        download(URL, target, max_bytes=5, dialler=network.dialler)
    assert target.getvalue() == b""


def test_a_body_without_a_promise_is_cut_off_at_the_limit():
    target = BytesIO()
    network = FakeNetwork(respond=pouring(*[b"x" * 100] * 50))
    with pytest.raises(FetchRefused, match="is larger than"):
        download(URL, target, max_bytes=1000, dialler=network.dialler)
    assert len(target.getvalue()) <= 1000


def test_a_body_shorter_than_promised_is_not_whole():
    with pytest.raises(FetchTryLater):
        fetch(answering(content=CLIP, content_length="21"))


def test_a_packed_body_is_refused():
    with pytest.raises(FetchRefused, match="compressed"):
        fetch(answering(content=CLIP, content_encoding="gzip"))


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_in_trouble_is_tried_later(status):
    with pytest.raises(FetchTryLater, match=str(status)):
        fetch(answering(status))


@pytest.mark.parametrize("status", [204, 206, 304, 400, 403, 404, 410])
def test_a_server_that_says_no_is_not_asked_again(status):
    with pytest.raises(FetchRefused, match=str(status)):
        fetch(answering(status))


@pytest.mark.parametrize(
    "error",
    [httpcore.ReadTimeout, httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError],
)
def test_a_broken_connection_is_tried_later(error):
    with pytest.raises(FetchTryLater):
        fetch(lambda request: error("gone"))


def test_a_connection_that_does_not_come_about_is_tried_later():
    with pytest.raises(FetchTryLater, match="Couldn't connect"):
        fetch(None)


def test_a_name_that_cannot_be_looked_up_is_tried_later():
    with pytest.raises(FetchTryLater, match="Couldn't find"):
        fetch(never, "https://nobody.example.test/")


def test_a_name_without_addresses_is_tried_later():
    with pytest.raises(FetchTryLater, match="Couldn't find"):
        fetch(never, names={HOST: []})


@pytest.mark.parametrize("name", ["a" * 70 + ".test", "a..test", "-" * 300])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(FetchRefused):
        fetch(never, f"http://{name}/")


def test_a_resolver_that_never_answers_does_not_hold_us_up():
    over = threading.Event()
    began = time.monotonic()
    with pytest.raises(FetchTryLater, match="Couldn't find"):
        download(
            URL,
            BytesIO(),
            max_bytes=9,
            timeout=0.1,
            dialler=Dialler(resolver=lambda *_: over.wait(10)),
        )
    assert time.monotonic() - began < 5
    over.set()


# --- a clip inside its own address ----------------------------------------------------------------


def inline(raw: bytes, kind: str = "video/mp4") -> str:
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def test_a_clip_inside_its_address_is_written_without_dialling():
    got, written = fetch(never, inline(CLIP), allow_inline=True)
    assert (written, got.size, got.content_type) == (CLIP, len(CLIP), "video/mp4")


@pytest.mark.parametrize(
    "url", ["data:", "data:video/mp4,plain", "data:video/mp4;base64,###", inline(bytes(1001))]
)
def test_a_clip_inside_its_address_is_checked_too(url):
    with pytest.raises(FetchRefused):
        fetch(never, url, allow_inline=True)


def test_nothing_is_taken_from_inside_an_address_where_that_is_not_wanted():
    with pytest.raises(FetchRefused, match="http"):
        fetch(never, inline(CLIP))


# --- over a real socket ---------------------------------------------------------------------------


@contextmanager
def server(answer: bytes):
    """Answer one connection with these bytes, then hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://films.example.test:{listener.getsockname()[1]}/0.mp4"
        thread.join()


def fetch_for_real(url, **options):
    target = BytesIO()
    dialler = Dialler(resolver=FakeNetwork(names={"films.example.test": ["127.0.0.1"]}).resolve)
    got = download(url, target, max_bytes=1000, allow_private=True, dialler=dialler, **options)
    return got, target.getvalue()


def test_a_file_comes_over_a_real_socket():
    with server(
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: video/mp4\r\n\r\nclip"
    ) as url:
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


def test_a_closed_port_is_tried_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchTryLater, match="Couldn't connect"):
        fetch_for_real(f"http://films.example.test:{port}/")


@contextmanager
def dripping():
    """Send the head of an answer that never ends, a byte now and then."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve():
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not over.wait(0.02):
                    connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://films.example.test:{listener.getsockname()[1]}/"
        over.set()
        thread.join()


def test_a_server_that_drips_does_not_get_more_time_than_there_is():
    began = time.monotonic()
    with dripping() as url, pytest.raises(FetchTryLater):
        fetch_for_real(url, timeout=0.3)
    assert time.monotonic() - began < 5


@given(st.text() | st.text().map("http://{}".format) | st.text().map("data:{}".format))
def test_any_text_is_a_file_or_an_error_of_ours(url):
    network = FakeNetwork(names={})
    with suppress(FetchError):
        download(url, BytesIO(), max_bytes=10, dialler=network.dialler, allow_inline=True)
    assert network.dialled == []

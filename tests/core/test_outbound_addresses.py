"""A corpus of addresses against every outbound request: downloads, POSTs, vendors' clients.

Nothing is dialled: names, addresses and servers are in memory, and dialled addresses are recorded.
"""

import asyncio
import tomllib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.core.addresses import may_dial
from apps.core.outbound import (
    AddressRefused,
    FetchError,
    FetchRefused,
    async_client,
    check_address,
    download,
    parse_url,
    post,
)
from tests.support.cases import case
from tests.support.fake_network import HOST, PUBLIC, FakeNetwork, answer

CORPUS = tomllib.loads(Path(__file__).with_name("outbound.toml").read_text())
BAD = [url for urls in CORPUS["refused"].values() for url in urls]
GOOD = list(CORPUS["good"])
CHAINS = list(CORPUS["redirects"].values())
URL = f"https://{HOST}/"
PUBLIC_ONES = {PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"} | {
    "172.32.0.1", "100.128.0.1", "169.253.255.255", "11.0.0.1",
}  # fmt: skip


class Gullible(dict):
    """Names of the corpus; every other name, however strange, leads to a public address."""

    def get(self, name, default=None):
        return super().get(name, [PUBLIC])


def network(respond=lambda request: answer(200, b"ok"), **names) -> FakeNetwork:
    return FakeNetwork(names=Gullible(CORPUS["names"] | names), respond=respond)


def fetch_url(url, world):
    target = BytesIO()
    download(url, target, max_bytes=100, dialler=world.dialler)
    return target.getvalue()


def post_to(url, world):
    return post(url, b"{}", dialler=world.dialler)


def check_url(url, world):
    check_address(url, dialler=world.dialler)


def ask_pooled(url, world, times=1, **options):
    """Ask with a pooled client, as the vendors' are, which checks no words beforehand."""

    async def ask():
        async with async_client(
            timeout=httpx.Timeout(5), dialler=world.dialler, **options
        ) as client:
            return [(await client.get(url)) for _ in range(times)][-1]

    return asyncio.run(ask())


def test_the_corpus_of_addresses_is_large_enough():
    assert len(BAD) + len(CHAINS) >= 200
    assert len(GOOD) >= 20


# --- what is refused ------------------------------------------------------------------------------


def test_a_bad_address_is_refused_and_nothing_is_dialled():
    for url in BAD:
        with case(url):
            for way in (fetch_url, post_to, check_url):
                world = network()
                with pytest.raises(FetchRefused):
                    way(url, world)
                assert world.dialled == []


def test_a_pooled_client_dials_nothing_but_public_addresses():
    for url in BAD:
        with case(url):
            world = network()
            try:
                ask_pooled(url, world)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                assert world.dialled == []
            else:
                # Strange text only, such as a backslash in a path: callers use parse_url first.
                assert world.dialled in ([(PUBLIC, 80)], [(PUBLIC, 443)])
                with pytest.raises(FetchRefused):
                    parse_url(url)


def test_a_refusal_of_a_pooled_client_says_that_nothing_was_sent():
    for address in [
        one
        for name, one in CORPUS["names"].items()
        if name not in {"six.example.test", "both.example.test"}
    ]:
        with case(address):
            world = network(**{HOST: address})
            with pytest.raises(AddressRefused, match="network"):
                ask_pooled(URL, world)
            assert world.dialled == []


SPELLINGS = [
    "{0}",
    "{0:#x}",
    "{0:#X}",
    "0{0:o}",
    "{1}.{5}",
    "{1}.{2}.{6}",
    "{1:#x}.{2:#x}.{3:#x}.{4:#x}",
    "0{1:o}.{2}.{3}.{4}",
    "{1}.{2}.{3}.{4}.",
    "{1}.{2}.{3}.0{4}",
    "[::{1}.{2}.{3}.{4}]",
    "[::ffff:{1}.{2}.{3}.{4}]",
    "%3{1}.{2}.{3}.{4}",
]


@given(st.integers(2**24, 2**32 - 1), st.sampled_from(SPELLINGS))
def test_an_address_passes_in_no_spelling_but_the_usual_one(number, spelling):
    parts = number.to_bytes(4)
    host = spelling.format(number, *parts, number & 0xFFFFFF, number & 0xFFFF)
    usual = ".".join(map(str, parts))
    assume(host.rstrip(".") != usual or host.endswith("."))
    with pytest.raises(FetchRefused):
        parse_url(f"http://{host}/")


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_ipv6_address_is_judged_alike(address):
    verdicts = set()
    for host in (address.compressed, address.exploded, address.exploded.upper()):
        world = network()
        with suppress(FetchRefused):
            post_to(f"http://[{host}]/", world)
        verdicts.add(bool(world.dialled))
    assert verdicts == {may_dial(str(address), allow_private=False)}


# --- what passes ----------------------------------------------------------------------------------


def test_a_good_outbound_address_passes():
    for url in GOOD:
        with case(url):
            for way in (fetch_url, post_to, ask_pooled, check_url):
                world = network()
                way(url, world)
                assert {address for address, _port in world.dialled} <= PUBLIC_ONES
                assert {port for _address, port in world.dialled} <= {80, 443, 8080, 8443}
                assert len(world.requests) == len(world.dialled) == (0 if way is check_url else 1)


# --- redirects ------------------------------------------------------------------------------------


def sending(places, status=302, content=b""):
    onward = iter(places)

    def respond(request):
        place = next(onward, None)
        if place is None:
            return answer(200, b"the end")
        return answer(status, content, location=place.encode().decode("latin-1"))

    return respond


def test_no_chain_of_redirects_leads_astray():
    for places in CHAINS:
        with case(places):
            for status in (301, 302, 303, 307, 308):
                world = network(sending(places, status, b"a body that nobody reads"))
                with pytest.raises(FetchRefused):
                    fetch_url(URL, world)
                assert {address for address, _ in world.dialled} == {PUBLIC}
                assert {port for _, port in world.dialled} == {443}
                assert len(world.dialled) <= 4


def test_neither_a_post_nor_a_vendors_client_follows_any():
    for places in CHAINS:
        with case(places):
            for way in (post_to, ask_pooled):
                world = network(sending(places))
                said = way(URL, world)
                assert (said.status if way is post_to else said.status_code) == 302
                assert world.dialled == [(PUBLIC, 443)]


def test_a_location_that_breaks_the_line_adds_nothing_to_what_we_ask():
    world = network(
        lambda request: b"HTTP/1.1 302 Found\r\nLocation: /x\r\n y\r\nContent-Length: 0\r\n\r\n"
    )
    with pytest.raises(FetchError):
        fetch_url(URL, world)
    assert all(request.raw.count(b"\r\n\r\n") == 1 for request in world.requests)
    assert all(request.headers["host"] == HOST for request in world.requests)


@pytest.mark.parametrize("end", ["%0d%0aX-Added: yes", "\rX-Added: yes", "\x00"])
def test_an_end_of_line_in_a_location_is_no_header_of_ours(end):
    world = network(
        lambda request: (
            f"HTTP/1.1 302 Found\r\nLocation: /x{end}\r\nContent-Length: 0\r\n\r\n".encode()
        )
    )
    with pytest.raises(FetchError):
        fetch_url(URL, world)
    assert not any("x-added" in request.headers for request in world.requests)


def test_each_hop_is_looked_up_anew_and_named_anew():
    world = network(sending(["https://other.example.test/b?c"]))
    assert fetch_url(URL, world) == b"the end"
    assert world.lookups == [HOST, "other.example.test"]
    assert [request.tls for request in world.requests] == [HOST, "other.example.test"]
    assert [request.headers["host"] for request in world.requests] == [HOST, "other.example.test"]
    assert not any(
        {"authorization", "cookie", "referer"} & request.headers.keys()
        for request in world.requests
    )


# --- names that change their mind -----------------------------------------------------------------

REBINDING = [[PUBLIC], ["127.0.0.1"]]


@pytest.mark.parametrize("way", [fetch_url, post_to, ask_pooled])
def test_a_name_that_changes_its_mind_after_it_was_checked_gains_nothing(way):
    world = network(**{HOST: REBINDING})
    way(URL, world)
    assert world.lookups == [HOST]
    assert world.dialled == [(PUBLIC, 443)]


def test_a_name_that_changes_its_mind_between_redirects_is_refused():
    world = network(sending(["/again"]), **{HOST: REBINDING})
    with pytest.raises(FetchRefused, match="network"):
        fetch_url(URL, world)
    assert world.dialled == [(PUBLIC, 443)]


def test_a_name_that_changes_its_mind_between_connections_is_refused():
    world = network(**{HOST: REBINDING})
    with pytest.raises(AddressRefused):
        ask_pooled(URL, world, times=2)
    assert world.dialled == [(PUBLIC, 443)]


def test_a_name_that_wavers_is_refused_whenever_it_leads_inside():
    world = network(**{HOST: [["127.0.0.1"], [PUBLIC]]})
    with pytest.raises(FetchRefused):
        fetch_url(URL, world)
    assert world.dialled == []


# --- posting --------------------------------------------------------------------------------------


def test_a_post_arrives_with_its_headers_and_the_answer_comes_back_short():
    world = network(lambda request: answer(202, b"x" * 100_000))
    said = post(
        URL,
        b'{"a": 1}',
        headers={"Content-Type": "application/json", "X-Sig": "s"},
        dialler=world.dialler,
    )
    [request] = world.requests
    assert request.raw.startswith(b"POST / HTTP/1.1\r\n")
    assert (request.body, request.headers["x-sig"], request.tls) == (b'{"a": 1}', "s", HOST)
    assert (said.status, said.is_success, len(said.text)) == (202, True, 4096)


@pytest.mark.parametrize("value", ["a\r\nX-Added: yes", "a\nb", "a\x00b", "é\u2028"])
def test_a_header_that_would_become_two_is_not_sent(value):
    world = network()
    with pytest.raises(FetchError):
        post(URL, b"", headers={"X-Name": value}, dialler=world.dialler)
    assert world.requests == []


@pytest.mark.parametrize("status", [301, 307, 404, 410, 500])
def test_a_no_to_a_post_is_told_and_no_error(status):
    said = post_to(
        URL, network(lambda request: answer(status, b"sorry", location="https://127.0.0.1/"))
    )
    assert (said.status, said.is_success, said.text) == (status, False, "sorry")

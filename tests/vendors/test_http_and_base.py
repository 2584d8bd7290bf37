"""What the door out does for vendors: an account may not lead inside, and what it refuses was never sent."""

import asyncio
import json

import pytest

from apps.vendors.errors import Refused, TryLater
from apps.vendors.http import MAX_JSON_VALUES, parse_json
from apps.vendors.registry import get_vendor
from apps.vendors.types import Order
from tests.support.fake_network import HOST, PUBLIC, answer

ORDER = Order(image_url="https://assets.example.test/a.png", prompt="dolly in", parameters={})
YES = json.dumps(
    {"code": 200, "message": "success", "data": {"id": "job-1", "status": "created"}}
).encode()
KINDS = ["wavespeed", "comet"]


@pytest.fixture(autouse=True)
def _vendor_says_yes(network):
    network.respond = lambda request: answer(200, YES)


def call(verb, *arguments, kind="wavespeed", base_url=f"https://{HOST}", **options):
    async def called():
        async with get_vendor(kind, base_url=base_url, api_key="key", **options) as vendor:
            return await getattr(vendor, verb)(*arguments)

    return asyncio.run(called())


def test_an_order_goes_to_the_address_that_was_checked_under_the_vendors_name(network):
    assert call("submit", ORDER).vendor_job_id == "job-1"
    assert network.dialled == [(PUBLIC, 443)]
    [request] = network.requests
    assert (request.tls, request.headers["host"]) == (HOST, HOST)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", [("submit", ORDER), ("report", "job-1")], ids=["order", "look"])
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1"])
def test_a_vendors_name_that_leads_inside_is_refused_before_a_byte_is_sent(
    network, kind, verb, address
):
    network.names = {HOST: [address]}
    with pytest.raises(Refused, match=r"Nothing was sent: .* inside this network"):
        call(*verb, kind=kind)
    assert network.dialled == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:9",
        "https://10.0.0.1",
        "https://[::1]",
        "https://2130706433",
        f"https://{HOST}:22",
    ],
)
def test_an_account_whose_address_is_forbidden_by_its_words_does_not_even_open(
    network, kind, base_url
):
    with pytest.raises(Refused):
        call("submit", ORDER, kind=kind, base_url=base_url)
    assert network.lookups == network.dialled == []


def test_a_sandbox_may_be_on_this_machine_at_any_port(network):
    call("submit", ORDER, base_url="http://127.0.0.1:8790", allow_private=True)
    assert network.dialled == [("127.0.0.1", 8790)]


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "0.0.0.0"])
def test_not_even_a_sandbox_may_be_where_machines_keep_their_secrets(network, address):
    network.names = {HOST: [address]}
    with pytest.raises(Refused):
        call("submit", ORDER, allow_private=True)
    assert network.dialled == []


@pytest.mark.parametrize("value", [b"{}", b"1", b"[]", b'"a"', b"[[[]]]"])
def test_a_short_answer_that_would_fill_the_memory_is_not_unpacked(value):
    assert parse_json(b"[" + b",".join([value] * (MAX_JSON_VALUES + 1)) + b"]") is None
    assert parse_json(b"[" + b",".join([value] * 1000) + b"]") is not None


def test_a_name_that_cannot_be_looked_up_today_is_tried_later(network):
    network.names = {}
    with pytest.raises(TryLater, match="nothing was sent"):
        call("submit", ORDER)


def test_a_picture_is_not_put_where_a_ticket_points_inside(network):
    ticket = {"upload": {"url": "https://store.example.test/put", "method": "PUT", "headers": {}}}
    ticket["download_url"] = "https://media.example.test/a.png"
    network.names |= {"store.example.test": [PUBLIC, "192.168.0.7"]}
    network.respond = lambda request: answer(
        200, json.dumps({"code": 200, "data": ticket}).encode()
    )
    with pytest.raises(Refused, match="inside this network"):
        call("upload", "a.png", b"picture", "image/png")
    assert network.dialled == [(PUBLIC, 443)]

"""The clients' outbound requests: no vendor account may lead into a private network."""

import asyncio
import json

import pytest

from apps.vendors.errors import Refused, TryLater
from apps.vendors.http import MAX_JSON_VALUES, parse_json
from apps.vendors.registry import get_vendor
from apps.vendors.types import Order
from tests.support.cases import case
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
    async def call_vendor():
        async with get_vendor(kind, base_url=base_url, api_key="key", **options) as vendor:
            return await getattr(vendor, verb)(*arguments)

    return asyncio.run(call_vendor())


def test_an_order_connects_to_the_checked_address_and_names_the_vendors_host(network):
    assert call("submit", ORDER).vendor_job_id == "job-1"
    assert network.dialled == [(PUBLIC, 443)]
    [request] = network.requests
    assert (request.tls, request.headers["host"]) == (HOST, HOST)


def test_a_vendors_host_in_a_private_network_is_refused_before_connecting(network):
    for kind in KINDS:
        for verb in [("submit", ORDER), ("report", "job-1")]:
            for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1"]:
                with case((kind, verb, address)):
                    network.names = {HOST: [address]}
                    with pytest.raises(Refused, match=r"Nothing was sent: .* inside this network"):
                        call(*verb, kind=kind)
                    assert network.dialled == []


def test_an_account_with_a_forbidden_base_address_is_refused_without_a_lookup(network):
    base_url_cases = [
        "http://127.0.0.1:9",
        "https://10.0.0.1",
        "https://[::1]",
        "https://2130706433",
        f"https://{HOST}:22",
    ]
    for kind in KINDS:
        for base_url in base_url_cases:
            with case((kind, base_url)):
                with pytest.raises(Refused):
                    call("submit", ORDER, kind=kind, base_url=base_url)
                assert network.lookups == network.dialled == []


def test_a_sandbox_may_be_on_this_machine_at_any_port(network):
    call("submit", ORDER, base_url="http://127.0.0.1:8790", allow_private=True)
    assert network.dialled == [("127.0.0.1", 8790)]


def test_not_even_a_sandbox_may_have_a_metadata_address(network):
    for address in ["169.254.169.254", "100.100.100.200", "0.0.0.0"]:
        with case(address):
            network.names = {HOST: [address]}
            with pytest.raises(Refused):
                call("submit", ORDER, allow_private=True)
            assert network.dialled == []


def test_a_json_body_with_too_many_values_is_not_parsed():
    for value in [b"{}", b"1", b"[]", b'"a"', b"[[[]]]"]:
        with case(value):
            assert parse_json(b"[" + b",".join([value] * (MAX_JSON_VALUES + 1)) + b"]") is None
            assert parse_json(b"[" + b",".join([value] * 1000) + b"]") is not None


def test_a_failed_name_lookup_is_tried_later(network):
    network.names = {}
    with pytest.raises(TryLater, match="nothing was sent"):
        call("submit", ORDER)


def test_a_picture_is_not_uploaded_to_a_private_address(network):
    ticket = {"upload": {"url": "https://store.example.test/put", "method": "PUT", "headers": {}}}
    ticket["download_url"] = "https://media.example.test/a.png"
    network.names |= {"store.example.test": [PUBLIC, "192.168.0.7"]}
    network.respond = lambda request: answer(
        200, json.dumps({"code": 200, "data": ticket}).encode()
    )
    with pytest.raises(Refused, match="inside this network"):
        call("upload", "a.png", b"picture", "image/png")
    assert network.dialled == [(PUBLIC, 443)]

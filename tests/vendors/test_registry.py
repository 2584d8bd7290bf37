import asyncio
from dataclasses import replace

import pytest

from apps.core.errors import DomainError
from apps.vendors import registry
from apps.vendors.errors import BadSignature
from apps.vendors.registry import VENDORS, get_vendor, offer_of, offers_of, parse_webhook

ACCOUNT = {"base_url": "http://vendor.example.test", "api_key": "key-1"}


def test_an_offer_is_found_by_the_vendors_kind_and_the_first_is_the_default():
    assert offer_of("wavespeed") is offers_of("wavespeed")[0]
    assert all(kind == offer.vendor for kind, entry in VENDORS.items() for offer in entry.offers)


@pytest.mark.parametrize("kind", VENDORS)
def test_every_generation_of_an_offer_is_found_by_its_version(kind):
    versions = [offer.schema_version for offer in offers_of(kind)]
    assert len(set(versions)) == len(versions)
    assert [offer_of(kind, version) for version in versions] == list(offers_of(kind))


@pytest.mark.parametrize(
    "ask", [offer_of, lambda kind, version: get_vendor(kind, schema_version=version, **ACCOUNT)]
)
def test_a_version_nobody_sells_is_named(ask):
    with pytest.raises(DomainError, match="WaveSpeedAI has no schema “9”; we know 1, 2, 3"):
        ask("wavespeed", "9")


def test_every_client_is_a_new_one_that_opens_and_closes():
    async def open_and_close(vendor):
        async with vendor as opened:
            return opened is vendor

    first, second = get_vendor("wavespeed", **ACCOUNT), get_vendor("wavespeed", **ACCOUNT)
    assert first is not second
    assert asyncio.run(open_and_close(first))


@pytest.mark.parametrize(("asked", "given"), [("", "1"), ("1", "1"), ("3", "3")])
def test_a_client_speaks_the_schema_of_its_account(monkeypatch, asked, given):
    entry = replace(VENDORS["wavespeed"], client=lambda **account: account)
    monkeypatch.setitem(registry.VENDORS, "wavespeed", entry)
    account = ACCOUNT | {"schema_version": given, "allow_private": False}
    assert get_vendor("wavespeed", schema_version=asked, **ACCOUNT) == account


@pytest.mark.parametrize(
    "ask",
    [
        offer_of,
        offers_of,
        lambda kind: get_vendor(kind, **ACCOUNT),
        lambda kind: parse_webhook(kind, {}, b"", secrets=["s"], now=0),
    ],
)
def test_an_unknown_vendor_is_named(ask):
    with pytest.raises(DomainError, match=r"no vendor called “acme”; we know .*wavespeed"):
        ask("acme")


def test_a_call_in_a_vendors_name_without_proof_is_forged():
    with pytest.raises(BadSignature):
        parse_webhook("wavespeed", {}, b"{}", secrets=["whsec_x"], now=0)

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from apps.core.errors import DomainError
from apps.vendors import registry
from apps.vendors.errors import BadSignature
from apps.vendors.registry import VENDORS, get_vendor, offer_of, offers_of, parse_webhook
from tests.support.cases import case

ACCOUNT = {"base_url": "http://vendor.example.test", "api_key": "key-1"}


def test_an_offer_is_found_by_the_vendors_kind_and_the_first_is_the_default():
    assert offer_of("wavespeed") is offers_of("wavespeed")[0]
    assert all(kind == offer.vendor for kind, entry in VENDORS.items() for offer in entry.offers)


def test_every_offer_is_found_by_its_version():
    for kind in VENDORS:
        with case(kind):
            versions = [offer.schema_version for offer in offers_of(kind)]
            assert len(set(versions)) == len(versions)
            assert [offer_of(kind, version) for version in versions] == list(offers_of(kind))


def test_an_unknown_schema_version_is_refused():
    unknown = "WaveSpeedAI has no schema “9”; we know 1, 2, 3"
    with pytest.raises(DomainError, match=unknown):
        offer_of("wavespeed", "9")
    with pytest.raises(DomainError, match=unknown):
        get_vendor("wavespeed", schema_version="9", **ACCOUNT)


def test_every_client_is_a_new_one_that_opens_and_closes():
    async def open_and_close(vendor):
        async with vendor as opened:
            return opened is vendor

    first, second = get_vendor("wavespeed", **ACCOUNT), get_vendor("wavespeed", **ACCOUNT)
    assert first is not second
    assert asyncio.run(open_and_close(first))


def test_a_client_gets_the_schema_version_of_its_account(monkeypatch):
    for asked, given in [("", "1"), ("1", "1"), ("3", "3")]:
        with case((asked, given)):
            entry = replace(VENDORS["wavespeed"], client=lambda **account: account)
            monkeypatch.setitem(registry.VENDORS, "wavespeed", entry)
            account = ACCOUNT | {"schema_version": given, "allow_private": False}
            assert get_vendor("wavespeed", schema_version=asked, **ACCOUNT) == account


def test_an_unknown_vendor_is_refused():
    functions = [
        offer_of,
        offers_of,
        partial(get_vendor, **ACCOUNT),
        partial(parse_webhook, headers={}, raw=b"", secrets=["s"], now=0),
    ]
    for function in functions:
        with case(function), pytest.raises(DomainError, match="no vendor called “acme”; we know"):
            function("acme")


def test_a_webhook_without_a_signature_is_refused():
    with pytest.raises(BadSignature):
        parse_webhook("wavespeed", {}, b"{}", secrets=["whsec_x"], now=0)

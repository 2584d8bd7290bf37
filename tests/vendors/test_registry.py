import os

import pytest

from apps.core.errors import DomainError
from apps.vendors import registry
from apps.vendors.registry import OFFERS, get_vendor, offer_of


def test_an_offer_is_found_by_the_vendors_kind():
    assert offer_of("wavespeed") is OFFERS["wavespeed"]
    assert all(kind == offer.vendor for kind, offer in OFFERS.items())


def test_every_offer_has_its_client():
    assert OFFERS.keys() == registry.CLIENTS.keys()


def test_an_account_keeps_one_client_per_process(monkeypatch):
    account = {"base_url": "http://vendor.example.test", "api_key": "key-1"}
    first = get_vendor("wavespeed", **account)
    assert get_vendor("wavespeed", **account) is first
    assert get_vendor("wavespeed", **account | {"api_key": "key-2"}) is not first
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert get_vendor("wavespeed", **account) is not first


@pytest.mark.parametrize(
    "ask", [offer_of, lambda kind: get_vendor(kind, base_url="http://x.test", api_key="k")]
)
def test_an_unknown_vendor_is_named(ask):
    with pytest.raises(DomainError, match="no vendor called “acme”; we know wavespeed"):
        ask("acme")

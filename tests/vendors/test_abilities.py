"""What an offer says a vendor can do is what the vendor's client does."""

import asyncio
from dataclasses import fields
from datetime import UTC, datetime

import httpx
import pytest

from apps.vendors.base import BaseClient
from apps.vendors.errors import Refused, Unsure
from apps.vendors.offer import Offer
from apps.vendors.registry import ENTRIES
from apps.vendors.types import Extension, MissingOrder, Order, StopResult
from tests.support.cases import case
from tests.vendors.third.client import RIVERFILM

SUBMITTED_AT = datetime(2026, 11, 21, tzinfo=UTC)
MISSING = MissingOrder(reference="7f3a9c01", image_url="https://a.test/1.png", sent_at=SUBMITTED_AT)
# Each ability: the client's method, its arguments, and the answer of a vendor that cannot.
ABILITIES = {
    "can_find_orders": ("find_orders", ([MISSING],), [{}]),
    "can_stop": ("stop", ("job-1",), StopResult.UNSUPPORTED),
    "can_delete": ("delete_jobs", (["job-1"],), 0),
    "has_live_price": ("price", ({},), None),
    "has_balance": ("balance", (), None),
    "has_signed_webhooks": ("webhook_secret", (), ""),
}
EXTENSION = Order(
    image_url="https://a.test/1.png",
    prompt="wind",
    parameters={},
    extends=Extension(vendor_job_id="job-1", number=0),
)
LINES = [
    (f"{entry.kind} {offer.schema_version}", entry.client, offer)
    for entry in (*ENTRIES, RIVERFILM)
    for offer in entry.offers
]


def refuse_request(request: httpx.Request) -> httpx.Response:
    pytest.fail(f"{request.method} {request.url} was sent")


def call(client_class: type[BaseClient], offer: Offer, method: str, *arguments, respond):
    """Call one method of a new client, whose requests are answered by `respond`."""

    async def call_method():
        async with client_class(
            base_url="https://vendor.example",
            api_key="key",
            schema_version=offer.schema_version,
            transport=httpx.MockTransport(respond),
        ) as client:
            answer = getattr(client, method)(*arguments)
            return [page async for page in answer] if hasattr(answer, "__aiter__") else await answer

    return asyncio.run(call_method())


def test_the_table_of_abilities_is_complete():
    flags = {field.name for field in fields(Offer) if field.name.startswith(("can_", "has_"))}
    assert set(ABILITIES) == flags


def test_a_client_overrides_exactly_the_methods_that_its_offers_promise():
    for line, client_class, offer in LINES:
        for flag, (method, *_) in ABILITIES.items():
            with case((line, flag)):
                overrides = getattr(client_class, method) is not getattr(BaseClient, method)
                assert overrides is getattr(offer, flag)


def test_what_a_vendor_cannot_do_is_answered_without_a_request():
    for line, client_class, offer in LINES:
        for flag, (method, arguments, cannot) in ABILITIES.items():
            if getattr(offer, flag):
                continue
            with case((line, flag)):
                answer = call(client_class, offer, method, *arguments, respond=refuse_request)
                assert answer == cannot


def test_an_extension_is_sent_only_where_the_offer_has_extensions():
    for line, client_class, offer in LINES:
        requests = []

        def respond(request, requests=requests):
            requests.append(request)
            return httpx.Response(500)

        with case(line):
            with pytest.raises(Unsure if offer.extension_seconds else Refused):
                call(client_class, offer, "submit", EXTENSION, respond=respond)
            assert bool(requests) is bool(offer.extension_seconds)

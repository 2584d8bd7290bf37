"""The example of a client tells what was refused from what may have been accepted."""

import asyncio

import httpx
import pytest

from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure
from apps.vendors.types import Order
from tests.support.cases import case
from tests.vendors.third.client import Riverfilm

ORDER = Order(image_url="https://a.test/1.png", prompt="wind", parameters={})


def call(method: str, argument: object, answer: httpx.Response):
    async def call_method():
        async with Riverfilm(
            base_url="https://riverfilm.example",
            api_key="key",
            transport=httpx.MockTransport(lambda _request: answer),
        ) as client:
            return await getattr(client, method)(argument)

    return asyncio.run(call_method())


def test_each_answer_to_an_order_becomes_its_error():
    for status, body, error in [
        (422, {"code": "content", "error": "no"}, Moderated),
        (422, {"code": "length"}, Refused),
        (401, {}, Refused),
        (500, {}, Unsure),
        (201, {}, Unsure),
        (201, {"film": {"id": "..", "phase": "accepted"}}, Unsure),
        (201, {"film": {"id": "a b", "phase": "accepted"}}, Unsure),
    ]:
        with case((status, body)):
            with pytest.raises(error) as caught:
                call("submit", ORDER, httpx.Response(status, json=body))
            assert caught.type is error


def test_each_answer_to_a_poll_becomes_its_error():
    for status, body, error in [
        (404, {}, JobNotFound),
        (500, {}, TryLater),
        (200, {"film": {"id": "film-2", "phase": "ready"}}, TryLater),
    ]:
        with case((status, body)), pytest.raises(error):
            call("report", "film-1", httpx.Response(status, json=body))


def test_a_busy_vendor_says_when_to_come_back():
    for method, argument in [("submit", ORDER), ("report", "film-1")]:
        with case(method):
            busy = httpx.Response(429, headers={"Retry-After": "7"}, json={"error": "busy"})
            with pytest.raises(TryLater) as caught:
                call(method, argument, busy)
            assert (caught.value.retry_after, caught.value.vendor_message) == (7, "busy")

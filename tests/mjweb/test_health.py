import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator

from mjweb.health import Health


async def _inner(scope, receive, send):
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"inner"})


def answer_of(path: str, app=None) -> tuple[int, bytes]:
    async def ask():
        scope = {"type": "http", "path": path, "method": "GET", "headers": []}
        talk = ApplicationCommunicator(app or Health(_inner), scope)
        await talk.send_input({"type": "http.request"})
        start, body = await talk.receive_output(10), await talk.receive_output(10)
        return start["status"], body["body"]

    return asyncio.run(ask())


def test_a_living_process_says_so_without_the_database():
    assert answer_of("/health/") == (200, b"alive")


@pytest.mark.django_db(transaction=True)
def test_a_process_that_can_answer_pages_is_ready():
    assert answer_of("/ready/") == (200, b"ready")


def test_a_process_whose_database_is_out_of_reach_is_not_ready():
    # Without the mark of pytest-django the database refuses every connection.
    assert answer_of("/ready/") == (503, b"not ready")


def test_other_addresses_than_health_are_passed_on():
    assert answer_of("/") == (418, b"inner")

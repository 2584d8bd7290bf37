"""The webhook batcher, driven message by message."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from apps.jobs import webhook_batcher
from apps.jobs.models import Submission
from apps.jobs.models.submissions import sign_reference
from apps.jobs.states import State
from apps.jobs.webhook_batcher import WebhookBatcher
from tests.support.factories import an_account

pytestmark = pytest.mark.django_db
WHOLE = json.dumps({"id": "1795219200123456"}).encode()


@pytest.fixture
def submission(team, job_in) -> Submission:
    """An order in doubt at a vendor that signs nothing."""
    submission = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet")).submissions.get()
    Submission.objects.update(search_at=timezone.now() + timedelta(minutes=5))
    return submission


async def _inner(_scope: object, _receive: object, send: Callable[..., Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})


async def send_webhook(
    desk: WebhookBatcher, path: str, *messages: dict[str, object], method: str = "POST"
) -> int | None:
    """Send one webhook and return the status; after its last message the client is silent."""
    left, statuses = list(messages), []

    async def receive() -> dict[str, object]:
        return left.pop(0) if left else await asyncio.Event().wait()

    async def send(message: dict[str, object]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    await asyncio.wait_for(desk(scope, receive, send), 10)
    return statuses[0] if statuses else None


def ring(path: str, *messages: dict[str, object], method: str = "POST") -> int | None:
    return async_to_sync(send_webhook)(WebhookBatcher(_inner), path, *messages, method=method)


def body(content: bytes, *, more: bool = False) -> dict[str, object]:
    return {"type": "http.request", "body": content, "more_body": more}


def place_of(submission: Submission) -> str:
    return f"/jobs/hooks/comet/{sign_reference(submission.reference)}/"


def hint(submission: Submission) -> str:
    submission.refresh_from_db()
    return submission.unverified_job_id


def test_a_webhook_may_come_in_many_pieces(submission):
    pieces = [body(WHOLE[:5], more=True), body(WHOLE[5:], more=True), body(b"")]
    assert ring(place_of(submission), *pieces) == 204
    assert hint(submission) == "1795219200123456"


def test_a_webhook_that_breaks_off_is_ignored(submission):
    assert ring(place_of(submission), body(WHOLE, more=True), {"type": "http.disconnect"}) is None
    assert hint(submission) == ""


def test_a_webhook_that_does_not_end_times_out(submission, monkeypatch):
    monkeypatch.setattr(webhook_batcher, "BODY_SECONDS", 0.05)
    assert ring(place_of(submission), body(WHOLE, more=True)) == 408
    assert hint(submission) == ""


def test_a_webhook_that_is_too_large_is_refused(submission):
    assert (
        ring(
            place_of(submission),
            body(b" " * webhook_batcher.LARGEST_BODY_BYTES, more=True),
            body(WHOLE),
        )
        == 413
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_request_that_is_no_webhook_is_passed_on(submission, method):
    assert ring(place_of(submission), body(WHOLE), method=method) == 299
    assert ring("/jobs/hooks/comet/mark", body(WHOLE)) == 299


def test_a_flood_of_webhooks_fills_no_more_than_the_queue(submission, monkeypatch):
    monkeypatch.setattr(webhook_batcher, "MOST_WAITING", 5)

    async def flood() -> list[int | None]:
        desk = WebhookBatcher(_inner)
        return await asyncio.gather(
            *(send_webhook(desk, place_of(submission), body(WHOLE)) for _ in range(9))
        )

    assert sorted(async_to_sync(flood)()) == [204] * 5 + [503] * 4


def test_bodies_fill_no_more_memory_than_we_hold_and_give_it_back(submission, monkeypatch):
    monkeypatch.setattr(webhook_batcher, "MOST_HELD_BYTES", 3 * len(WHOLE))
    desk = WebhookBatcher(_inner)

    async def flood(count: int) -> list[int | None]:
        return await asyncio.gather(
            *(send_webhook(desk, place_of(submission), body(WHOLE)) for _ in range(count))
        )

    assert sorted(async_to_sync(flood)(5)) == [204] * 3 + [503] * 2
    assert async_to_sync(flood)(3) == [204] * 3


def test_a_stranger_keeps_no_webhook_from_being_received(submission):
    async def siege() -> int | None:
        desk = WebhookBatcher(_inner)
        half = body(b" " * webhook_batcher.LARGEST_BODY_BYTES, more=True)
        strangers = [
            asyncio.create_task(send_webhook(desk, "/jobs/hooks/comet/guessed/", half))
            for _ in range(
                webhook_batcher.MOST_HELD_BYTES // webhook_batcher.LARGEST_BODY_BYTES + 1
            )
        ]
        await asyncio.sleep(0)
        honest = await send_webhook(desk, place_of(submission), body(WHOLE))
        assert await asyncio.gather(*strangers) == [404] * len(strangers)
        return honest

    assert async_to_sync(siege)() == 204

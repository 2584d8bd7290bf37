"""The webhook batcher in front of Django, driven as an ASGI server drives it."""

import asyncio
import hashlib
import hmac
import json
import time

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError

from apps.core.secrets import seal
from apps.jobs import webhook_batcher
from apps.jobs.models import Job, VendorAccount
from apps.jobs.models.submissions import sign_reference
from apps.jobs.states import State
from apps.jobs.webhook_batcher import (
    BATCH_INTERVAL_SECONDS,
    GATHER_SECONDS,
    LARGEST_BODY_BYTES,
    WebhookBatcher,
)

pytestmark = pytest.mark.django_db
SECRET = "whsec_of-the-tests"


async def pages(scope, receive, send):
    """Stand where Django stands."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def send_webhook(desk, path, body=b"{}", *, method="POST", headers=()):
    """Return the status of one request."""
    sent = []
    pieces = [body[start : start + 100_000] for start in range(0, max(1, len(body)), 100_000)]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    await desk(scope, receive, send)
    return sent[0]["status"]


def rings(*requests):
    """Return the statuses of requests that come at the same moment."""

    async def together():
        desk = WebhookBatcher(pages)
        return await asyncio.gather(
            *(send_webhook(desk, *args, **options) for args, options in requests)
        )

    return async_to_sync(together)()


def about(job, **options):
    """Return a webhook about a job, signed by its vendor."""
    body, now = (
        json.dumps({"id": job.vendor_job_id, "status": "completed"}).encode(),
        str(int(time.time())),
    )
    key = SECRET.removeprefix("whsec_").encode()
    sign = hmac.new(key, f"call-1.{now}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "webhook-id": "call-1",
        "webhook-timestamp": now,
        "webhook-signature": f"v3,{sign}",
    } | options
    place = f"/jobs/hooks/wavespeed/{sign_reference(job.submissions.get().reference)}/"
    return (place, body), {
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()]
    }


@pytest.fixture
def batch_sizes(monkeypatch):
    """Record the size of each batch."""
    taken, really = [], webhook_batcher._receive

    def hear(together):
        taken.append(len(together))
        return really(together)

    monkeypatch.setattr(webhook_batcher, "_receive", hear)
    return taken


@pytest.fixture
def jobs(job_in, account):
    VendorAccount.objects.filter(pk=account.pk).update(sealed_webhook_secret=seal(SECRET))
    found = [job_in(State.AT_VENDOR) for _ in range(3)]
    Job.objects.update(next_step_at=found[0].next_step_at.replace(year=2999))
    return found


def test_webhooks_of_one_moment_are_one_batch(batch_sizes, jobs):
    assert rings(*map(about, jobs)) == [204, 204, 204]
    assert batch_sizes == [3]
    assert Job.objects.with_pending_webhook().count() == 3


def test_webhooks_that_keep_coming_are_handled_in_batches(batch_sizes, jobs, monkeypatch):
    pauses, sleep, rings = [], asyncio.sleep, [about(job) for job in jobs]

    async def pause(seconds):
        pauses.append(seconds)
        await sleep(0)

    async def one_after_the_other():
        desk = WebhookBatcher(pages)
        return [await send_webhook(desk, *args, **options) for args, options in rings]

    monkeypatch.setattr(webhook_batcher.asyncio, "sleep", pause)
    assert async_to_sync(one_after_the_other)() == [204, 204, 204]
    assert batch_sizes == [1, 1, 1]
    assert pauses[0] == GATHER_SECONDS
    assert all(GATHER_SECONDS < seconds <= BATCH_INTERVAL_SECONDS for seconds in pauses[1:])


def test_full_batches_follow_without_a_pause(monkeypatch, batch_sizes, jobs):
    monkeypatch.setattr(webhook_batcher, "MOST_PER_BATCH", 2)
    pauses, sleep = [], asyncio.sleep

    async def pause(seconds):
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(webhook_batcher.asyncio, "sleep", pause)
    assert rings(*[about(job) for job in jobs for _ in range(2)]) == [204] * 6
    assert batch_sizes == [2, 2, 2]
    assert pauses == [GATHER_SECONDS] * 3


def test_each_webhook_gets_its_own_status(batch_sizes, jobs):
    honest, forged = about(jobs[0]), about(jobs[1], **{"webhook-signature": "v3,00"})
    nobodys = ("/jobs/hooks/wavespeed/nobody/",), {}
    assert rings(honest, forged, nobodys) == [204, 401, 404]
    assert list(Job.objects.with_pending_webhook()) == [jobs[0]]


def test_a_body_beyond_reason_is_refused_unread(batch_sizes, jobs):
    (place, _body), options = about(jobs[0])
    assert rings(((place, b"x" * (LARGEST_BODY_BYTES + 1)), options)) == [413]
    assert batch_sizes == []


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/jobs/hooks/wavespeed/x/", "GET"),
        ("/jobs/", "POST"),
        ("/jobs/hooks/wavespeed/x/y/", "POST"),
    ],
)
def test_every_other_request_is_passed_on(batch_sizes, path, method):
    assert rings(((path,), {"method": method})) == [299]


def test_without_a_database_webhooks_are_refused_at_once(monkeypatch, batch_sizes, jobs):
    def away(_calls):
        raise DatabaseError("The server is gone.")

    monkeypatch.setattr(webhook_batcher, "_receive", away)
    assert rings(about(jobs[0]), about(jobs[1])) == [503, 503]

"""Sending webhooks to customers, from threads of its own.

WaveSpeedAI signs its webhooks and repeats them up to three times; CometAPI does neither
(docs/vendor-contracts.md, sections 1.10 and 3.7). Each webhook is a database row first, so that a
killed process sends it after its restart. A customer may therefore receive one twice.
"""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread

from apps.core.outbound import FetchError, post
from apps.sandbox.comet.answers import task
from apps.sandbox.context import SandboxContext
from apps.sandbox.job_views import JobView, clip_urls
from apps.sandbox.jobs import Job
from apps.sandbox.wavespeed.answers import webhook_body
from apps.sandbox.webhook_schedule import FORGED, REPLAYED

log = logging.getLogger(__name__)

THREADS = 4
MAX_REPETITIONS = 3
ANSWER_SECONDS = 10.0


class WebhookSender:
    """Threads with a queue of webhooks; the queue is only a hint, the database decides."""

    def __init__(self, context: SandboxContext) -> None:
        self._context = context
        self._queue: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self._last_number = 0
        self._schedule_lock = Lock()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(THREADS)]

    def start(self) -> None:
        """Schedule what an earlier process left, then work."""
        self._context.store.on_webhooks = self.schedule_new
        for thread in self._threads:
            thread.start()
        self.schedule_new()

    def stop(self) -> None:
        """Send no more webhooks; the rest is sent after the next start."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(ANSWER_SECONDS)

    def schedule_new(self) -> None:
        """Schedule the webhooks that were stored since the last time."""
        with self._schedule_lock:
            for number, due in self._context.store.webhooks_after(self._last_number):
                self._context.clock.at(due, partial(self._queue.put, (number, 0)))
                self._last_number = number

    def _work(self) -> None:
        while (webhook := self._queue.get()) is not None:
            try:
                self._send(*webhook)
            except Exception:  # one customer's webhook must not end those of the others
                log.exception("webhook %s could not be sent", webhook[0])

    def _send(self, number: int, tries: int) -> None:
        context = self._context
        job, status, kind = context.store.webhook(number)
        body, headers = self._message(replace(job, status=status), kind)
        is_accepted = _post(job.webhook_url, body, headers)
        if is_accepted or job.contract == "comet" or tries == MAX_REPETITIONS:
            context.store.finish_webhook(number)
            return
        pause_seconds = context.settings.webhook_retry_seconds * 2**tries
        due = context.clock.now() + pause_seconds
        context.clock.at(due, partial(self._queue.put, (number, tries + 1)))

    def _message(self, job: Job, kind: str) -> tuple[bytes, dict[str, str]]:
        """Return the body and the signature headers of a webhook."""
        if kind == FORGED:
            job = replace(job, status="failed", error="Task failed")
        urls = clip_urls(self._context, job, job.base_url) if job.is_done else ()
        view = JobView(job=job, clip_urls=urls)
        replayed = job.fault("hook_replayed")
        age_seconds = replayed.number("seconds") if replayed and kind == REPLAYED else 0.0
        if job.contract == "comet":
            old = {"status": "IN_PROGRESS", "progress": "14%"} if age_seconds else {}
            return json.dumps(task(view, job.base_url) | old).encode(), {}
        secret = "whsec_of-somebody-else" if kind == FORGED else self._context.settings.secret
        body = json.dumps(webhook_body(view)).encode()
        return body, sign_webhook(job.id, round(time.time() - age_seconds), body, secret)


def sign_webhook(webhook_id: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that prove a webhook; the key is the secret's text after `whsec_`.

    Source: docs/vendor-contracts.md, section 1.10.
    """
    key = secret.removeprefix("whsec_").encode()
    text = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, text, hashlib.sha256).hexdigest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v3,{digest}",
    }


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Send a webhook and return whether the customer accepted it; redirects are not followed."""
    # Private addresses are allowed because customers of a sandbox live on loopback, too.
    all_headers = {"Content-Type": "application/json", **headers}
    try:
        response = post(url, body, headers=all_headers, timeout=ANSWER_SECONDS, allow_private=True)
    except FetchError:
        return False
    return response.is_success

"""Calls to customers: made by threads of their own, so that nobody who asks has to wait for them.

WaveSpeed signs its calls and repeats them up to three times (vendor contracts 1.10); Comet does
neither (3.7). Calls are rows first, so that a killed process makes them after its restart; a
customer may hear one twice.
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
from apps.sandbox.desk import Desk
from apps.sandbox.hooks import FORGED, REPLAYED
from apps.sandbox.jobs import Job
from apps.sandbox.looks import Sight, addresses_of
from apps.sandbox.wavespeed.answers import called_back

log = logging.getLogger(__name__)

THREADS = 4
REPETITIONS = 3
ANSWER_SECONDS = 10.0


class Callers:
    """Some threads with a line of calls to make; the line is a hint, the store is the truth."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._line: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self._seen, self._seeing = 0, Lock()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(THREADS)]

    def start(self) -> None:
        """Take up what an earlier process left, then work."""
        self._desk.store.on_calls = self.collect
        for thread in self._threads:
            thread.start()
        self.collect()

    def stop(self) -> None:
        """Make no more calls; what is left is made after the next start."""
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads:
            thread.join(ANSWER_SECONDS)

    def collect(self) -> None:
        """Put calls that were written down since the last time on the agenda."""
        with self._seeing:
            for number, due in self._desk.store.calls_after(self._seen):
                self._desk.clock.at(due, partial(self._line.put, (number, 0)))
                self._seen = number

    def _work(self) -> None:
        while (call := self._line.get()) is not None:
            try:
                self._make(*call)
            except Exception:  # one customer's call must not end those of the others
                log.exception("call %s could not be made", call[0])

    def _make(self, number: int, tries: int) -> None:
        desk = self._desk
        job, status, kind = desk.store.call(number)
        heard = _posted(job.hook, *self._worded(replace(job, status=status), kind))
        if heard or job.contract == "comet" or tries == REPETITIONS:
            desk.store.called(number)
            return
        pause = desk.settings.call_pause * 2**tries
        desk.clock.at(desk.clock.now() + pause, partial(self._line.put, (number, tries + 1)))

    def _worded(self, job: Job, kind: str) -> tuple[bytes, dict[str, str]]:
        if kind == FORGED:
            job = replace(job, status="failed", error="Task failed")
        sight = Sight(
            job=job, addresses=addresses_of(self._desk, job, job.base) if job.is_done else ()
        )
        replayed = job.called("hook_replayed")
        age = replayed.number("seconds") if replayed and kind == REPLAYED else 0.0
        if job.contract == "comet":
            told = task(sight, job.base) | (
                {"status": "IN_PROGRESS", "progress": "14%"} if age else {}
            )
            return json.dumps(told).encode(), {}
        secret = "whsec_of-somebody-else" if kind == FORGED else self._desk.settings.secret
        body = json.dumps(called_back(sight)).encode()
        return body, signed(job.id, round(time.time() - age), body, secret)


def signed(call_id: str, moment: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that prove a call: the secret's text after `whsec_` is the key (contracts 1.10)."""
    key = secret.removeprefix("whsec_").encode()
    digest = hmac.new(key, f"{call_id}.{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v3,{digest}",
    }


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Send a call, and tell whether the customer took it; a redirect is not followed."""
    # The sandbox lives on loopback, so its customers do too; machines' own secrets are still out of
    # bounds.
    given = {"Content-Type": "application/json", **headers}
    try:
        return post(url, body, headers=given, timeout=ANSWER_SECONDS, allow_private=True).is_success
    except FetchError:
        return False

"""The two usual ways to follow jobs with Celery, as bench.jobs measures them beside ours.

(a) block: a task per job that orders, sleeps between questions and ends when the job does.
(b) poll: a task per question, which sends the next one with a countdown.
"""

import os
import time

import httpx
from django.utils import timezone

from apps.jobs.models import Job
from apps.teams.scoping import everywhere
from mjweb.celery import app

INTERVAL = 2.0
QUEUE = "rival"
VENDOR = os.environ.get("MJWEB_SANDBOX_URL", "")
CLIENT = httpx.Client(base_url=VENDOR or "http://127.0.0.1", trust_env=False, timeout=30)


def _order(job_id: str, seconds: float) -> None:
    CLIENT.post("/submit", json={"id": job_id, "seconds": seconds}).raise_for_status()


def _is_done(job_id: str) -> bool:
    answer = CLIENT.get(f"/api/v3/predictions/{job_id}/result").json()
    return bool(answer["data"]["status"] == "completed")


def _mark(job_id: str) -> None:
    with everywhere():
        Job.objects.filter(vendor_job_id=job_id).update(state="saving", done_at=timezone.now())


@app.task(name="bench.block")
def block(job_id: str, seconds: float) -> None:
    _order(job_id, seconds)
    while not _is_done(job_id):
        time.sleep(INTERVAL)
    _mark(job_id)


@app.task(name="bench.poll")
def poll(job_id: str, seconds: float, is_ordered: bool = False) -> None:
    if not is_ordered:
        _order(job_id, seconds)
    if is_ordered and _is_done(job_id):
        _mark(job_id)
    else:
        poll.apply_async((job_id, seconds, True), countdown=INTERVAL, queue=QUEUE)

"""Background tasks: each finds its row and takes one step. No decisions are taken here.

A pass may outlive its lease: two passes on one lane submit nothing twice. A pass that submits is
ended before any of its orders would be marked unconfirmed.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import Task
from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.clips.tasks import dispatch_checks
from apps.core.background import background_task
from apps.jobs.models import (
    Chain,
    Job,
    Lane,
    Output,
    Submission,
    VendorAccount,
    VendorRequest,
    record_heartbeat,
)
from apps.jobs.states import ENDED, RequestKind, State
from apps.jobs.workers import (
    deleting,
    joining,
    polling,
    reconciling,
    refreshing,
    saving,
    stopping,
    submitting,
)
from apps.teams.scoping import everywhere

AFTER_CRASH = timedelta(seconds=5)  # a pass that crashed is not tried again at once
LEASE_SECONDS = {
    "submitting_until": 30.0,
    "polling_until": 45.0,
    "webhook_polling_until": 45.0,
    "reconciling_until": 45.0,
}
VENDOR_REQUESTS = {
    RequestKind.STOP: stopping.stop,
    RequestKind.DELETE: deleting.delete_at_vendor,
}


def _pass(
    name: str,
    clock: str,
    work: Callable[[Lane], datetime | None],
    then: Callable[[], None],
    *,
    limit_seconds: int = 50,
) -> Task:
    """Return the task of one pass on a lane that is leased for it; `then` runs afterwards."""

    def run(lane_id: int) -> None:
        with everywhere(), structlog.contextvars.bound_contextvars(lane_id=lane_id):
            lane = Lane.objects.get(pk=lane_id)
            claimed = getattr(lane, clock)
            again: datetime | None = timezone.now() + AFTER_CRASH
            try:
                again = work(lane)
            finally:
                lane.release_lease(clock, claimed, until=again)
            then()

    return background_task("orders", limit_seconds=limit_seconds, name=name)(run)


@background_task("orders", limit_seconds=50)
def mark_unconfirmed(job_id: int) -> None:
    """Mark a job unconfirmed whose worker died while it was sent."""
    with everywhere():
        submitting.mark_unconfirmed(Job.objects.get(pk=job_id))


@background_task("orders", limit_seconds=50)
def ask_vendor(request_id: int) -> None:
    """Ask a job's vendor to stop it or to delete it."""
    known = ("job__account__lane", "job__chain")
    with everywhere():
        request = VendorRequest.objects.select_related(*known).get(pk=request_id)
        VENDOR_REQUESTS[RequestKind(request.kind)](request)


@background_task("saving", limit_seconds=170)
def save(output_id: int) -> None:
    """Download one output."""
    with everywhere(), structlog.contextvars.bound_contextvars(output_id=output_id):
        known = ("job__account", "job__chain")
        saving.save(Output.objects.select_related(*known).get(pk=output_id))
        dispatch_due()


@background_task("saving", limit_seconds=170)
def join(chain_id: int) -> None:
    """Join the parts of a chain."""
    with everywhere():
        joining.join_parts(Chain.objects.get(pk=chain_id))


@background_task("orders", limit_seconds=90)
def refresh_account(account_id: int) -> None:
    """Ask a vendor for balance and prices."""
    with everywhere():
        refreshing.refresh_account(VendorAccount.objects.select_related("team").get(pk=account_id))


@background_task("rounds", limit_seconds=50, every=timedelta(seconds=0.2), expires_seconds=2)
def dispatch_round() -> None:
    """Dispatch whatever is due, five times a second.

    The rows are the only memory: of a worker that dies, nothing is lost but time.
    """
    record_heartbeat("worker")
    dispatch_due()
    dispatch_checks()
    with everywhere():
        for job_id in Job.objects.claim_unanswered():
            _dispatch(mark_unconfirmed, job_id)
    dispatch_refreshes()


# The queue of the savers may be empty for long: a ping shows that the broker answers.
@background_task("saving", limit_seconds=50, every=timedelta(seconds=5), expires_seconds=10)
def ping() -> None:
    """Record that a saver receives messages."""
    record_heartbeat("saver")


def dispatch_due() -> None:
    """Send a worker to each lane and each row that is due; each goes to one worker only."""
    with everywhere():
        for task, clock, lanes in _passes_due():
            _dispatch_passes(task, clock, lanes)
    dispatch_downloads()
    dispatch_vendor_requests()
    dispatch_joins()


def dispatch_lanes(lane_ids: Iterable[int]) -> None:
    """Send workers to these lanes where something is due, after a person's request."""
    lane_ids = set(lane_ids)
    with everywhere():
        for task, clock, lanes in _passes_due():
            _dispatch_passes(task, clock, lanes.filter(lane_id__in=lane_ids))


def _passes_due() -> Iterator[tuple[Task, str, QuerySet[Any, Any]]]:
    """Yield each kind of pass with its lease and the lanes on which it is due."""
    jobs = Job.objects
    submissions = Submission.objects.due_for_reconciliation()
    due = [
        (submit_due, "submitting_until", jobs.to_be_sent(), "account__lane"),
        (poll_due, "polling_until", jobs.due(State.AT_VENDOR, *ENDED), "account__lane"),
        (
            poll_after_webhooks,
            "webhook_polling_until",
            jobs.with_pending_webhook(),
            "account__lane",
        ),
        (reconcile_due, "reconciling_until", submissions, "job__account__lane"),
    ]
    for task, clock, rows, lane in due:
        yield task, clock, rows.order_by().values(lane_id=F(lane))


def dispatch_downloads() -> None:
    """Send a worker to each output that is to be downloaded; each goes to one worker only."""
    with everywhere():
        for output_id in Output.objects.claim_due():
            _dispatch(save, output_id, claims=3)


def dispatch_vendor_requests() -> None:
    """Send a worker to each request to stop or to delete a job that is due."""
    with everywhere():
        for request in VendorRequest.objects.claim_due():
            _dispatch(ask_vendor, request.pk)


def dispatch_joins() -> None:
    """Send a worker to each chain whose parts are to be joined."""
    with everywhere():
        for chain_id in joining.claim_joins():
            _dispatch(join, chain_id, claims=3)


def dispatch_refreshes() -> None:
    """Send a worker to each vendor account that is to be refreshed."""
    with everywhere():
        for account_id in refreshing.claim_accounts_due():
            _dispatch(refresh_account, account_id)


# A poll leaves outputs to download, several times a second; everything else waits for the round.
submit_due = _pass(
    "submit_due", "submitting_until", submitting.submit_due, dispatch_due, limit_seconds=140
)
poll_due = _pass("poll_due", "polling_until", polling.poll_due, dispatch_downloads)
poll_after_webhooks = _pass(
    "poll_after_webhooks",
    "webhook_polling_until",
    polling.poll_after_webhooks,
    dispatch_downloads,
)
reconcile_due = _pass("reconcile_due", "reconciling_until", reconciling.reconcile_due, dispatch_due)


def _dispatch(task: Task, row: int, *, claims: int = 1) -> None:
    """Send a message that expires with its claim, after which the row is dispatched again."""
    task.apply_async((row,), expires=claims * settings.CLAIM.total_seconds())


def dispatch_webhook_polls(lane_ids: Iterable[int]) -> None:
    """Send a worker to each of these lanes, for which a webhook has just come."""
    for lane in Lane.objects.filter(pk__in=lane_ids, webhook_polling_until__lte=timezone.now()):
        _dispatch_pass(poll_after_webhooks, "webhook_polling_until", lane)


def _dispatch_passes(task: Task, clock: str, lanes: QuerySet[Any, Any]) -> None:
    # Found through the rows that are due, not lane by lane: a lane may have ten thousand jobs.
    for lane in Lane.objects.filter(pk__in=lanes, **{f"{clock}__lte": timezone.now()}):
        _dispatch_pass(task, clock, lane)


def _dispatch_pass(task: Task, clock: str, lane: Lane) -> None:
    seconds = min(LEASE_SECONDS[clock], settings.CLAIM.total_seconds())
    if lane.claim(clock, seconds):
        task.apply_async((lane.pk,), expires=seconds)

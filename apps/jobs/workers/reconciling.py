"""Reconciling: find orders whose answer was lost, by the vendor's list and by webhooks.

Nothing here sends an order. An order that is found goes on as if its answer had come. One that is
not found stays unconfirmed until a person decides, and is searched for until the vendor's retention
is over.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.jobs.models import Lane, Submission, VendorAccount
from apps.jobs.models.vendor_side import PATIENCE_FACTOR, RETENTION
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers.outcomes import (
    give_up_search,
    lock_job,
    record_accepted,
    record_not_received,
)
from apps.vendors.errors import JobNotFound, Refused, TryLater, VendorError
from apps.vendors.types import Report, Vendor

log = structlog.get_logger(__name__)

# Orders lost hours apart need a stretch of the vendor's list each, and a pass has to end in time.
MOST_SEARCHES_PER_PASS = 12
SEARCH_SECONDS = 35.0
HINTS_SECONDS = 10.0  # of the search, for the job ids that webhooks have named


def reconcile_due(lane: Lane) -> datetime | None:
    """Search once for each submission on this lane that is due; return when to run again."""
    if lane.is_paused:
        return lane.paused_until
    due = Submission.objects.filter(job__account__in=lane.accounts.all())
    # While a vendor is out of order, or too slow for several, one search at a time still gets
    # through.
    submissions = list(
        due.claim_due_for_reconciliation(
            limit=1 if lane.is_circuit_open else MOST_SEARCHES_PER_PASS
        )
    )
    account = lane.accounts.order_by("pk").first()
    if not submissions or account is None:
        return None
    search = SearchResult()
    try:
        async_to_sync(_search_in_time)(account, submissions, search)
        if search.was_answered:
            lane.record_success()
    except TryLater as fault:
        lane.record_failure(str(fault), retry_after=fault.retry_after)
    except DomainError as fault:  # refused, or our own key cannot be read: it is tried again
        log.warning("search_failed", lane=str(lane), reason=str(fault))
    for submission in submissions:
        try:
            _apply_result(submission, search)
        except Exception:  # it is searched for again, and holds up no other
            log.exception("result_not_applied", reference=submission.reference)
    return None


@dataclass
class SearchResult:
    """The result of one search; one that breaks off keeps what it has found so far.

    `known` holds the vendor's report of each submission by its reference, None where the vendor
    has nothing; a submission without an entry was not searched for to the end. `unanswered` are
    submissions with a job id from a webhook about which the vendor gave no answer.
    """

    known: dict[str, Report | None] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    was_answered: bool = False

    def learn(self, known: Mapping[str, Report | None]) -> None:
        """Add what a list shows; a missing entry proves nothing for a job that a webhook named."""
        sure = known.keys() - self.unanswered
        self.known |= {
            reference: report for reference, report in known.items() if report or reference in sure
        }

    def is_missing(self, submission: Submission) -> bool:
        """Whether the vendor's list was read to the end, and does not hold this submission."""
        return submission.reference in self.known and self.known[submission.reference] is None


async def _search_in_time(
    account: VendorAccount, submissions: list[Submission], search: SearchResult
) -> None:
    try:
        async with asyncio.timeout(SEARCH_SECONDS):
            await _search(account, submissions, search)
    except TimeoutError:
        if not search.was_answered:
            raise TryLater(_("%s takes too long to answer.") % account.offer.vendor_name) from None


async def _search(
    account: VendorAccount, submissions: list[Submission], search: SearchResult
) -> None:
    async with account.vendor() as vendor:
        await _verify_hints(vendor, [one for one in submissions if one.unverified_job_id], search)
        rest = [one for one in submissions if one.reference not in search.known]
        if not account.offer.can_find_orders:
            search.learn(dict.fromkeys(one.reference for one in rest))
        elif rest:
            async for known in vendor.find_orders([one.as_query() for one in rest]):
                search.was_answered = True
                search.learn(known)


async def _verify_hints(
    vendor: Vendor, submissions: list[Submission], search: SearchResult
) -> None:
    """Ask about the job ids that webhooks have named: one request each may spare a long search."""
    search.unanswered |= {submission.reference for submission in submissions}
    with suppress(TimeoutError):
        async with asyncio.timeout(HINTS_SECONDS):
            await asyncio.gather(
                *(_verify_hint(vendor, submission, search) for submission in submissions)
            )


async def _verify_hint(vendor: Vendor, submission: Submission, search: SearchResult) -> None:
    try:
        report = await vendor.report(submission.unverified_job_id)
    except VendorError as fault:  # one strange id keeps no other submission from being found
        search.was_answered |= isinstance(fault, Refused)
        if isinstance(fault, JobNotFound):
            search.unanswered.discard(submission.reference)
        return
    search.was_answered = True
    search.unanswered.discard(submission.reference)
    if _matches(submission, report):
        named = report.vendor_job_id or submission.unverified_job_id
        search.known[submission.reference] = replace(report, vendor_job_id=named)


def _matches(submission: Submission, report: Report) -> bool:
    """Whether a job that a webhook named has the reference or the image of the submission."""
    return report.reference == submission.reference or bool(
        report.image_url and report.image_url == submission.image_url
    )


def _apply_result(submission: Submission, search: SearchResult) -> None:
    """Adopt a submission that was found, or search again later."""
    report = search.known.get(submission.reference)
    try:
        if report and report.vendor_job_id and adopt(submission, report):
            return
    except IntegrityError:  # another job was given this id a moment earlier
        log.exception(
            "not_adopted",
            reference=submission.reference,
            vendor_job_id=report and report.vendor_job_id,
        )
    _search_later(submission, was_searched=search.is_missing(submission))


def adopt(submission: Submission, report: Report) -> bool:
    """Give a submission the job that the vendor made of it, whatever its order has become here."""
    return record_accepted(
        submission,
        report.vendor_job_id,
        vendor_status=report.vendor_status,
        accepted_at=_time_accepted(submission, report),
        vendor_created_at=report.created_at,
    )


def _time_accepted(submission: Submission, report: Report) -> datetime:
    """Return when the vendor accepted it by its own clock, never later than now by ours.

    Polling ends by our clock: a time in the future would prolong it.
    """
    return min(max(report.created_at or submission.sent_at, submission.sent_at), timezone.now())


def _search_later(submission: Submission, *, was_searched: bool) -> None:
    """Schedule the next search; one search after the vendor's retention is the last."""
    now = timezone.now()
    age = now - submission.sent_at
    retention = max(submission.job.retention, RETENTION)
    if (was_searched and age >= retention) or age >= PATIENCE_FACTOR * retention:
        _stop_searching(submission)
        return
    # Only a search that the vendor answered is counted: people decide by the count. A webhook that
    # has come meanwhile has set an earlier time.
    unknown = Submission.objects.filter(outcome=SubmissionOutcome.UNKNOWN)
    here = unknown.filter(pk=submission.pk, unverified_job_id=submission.unverified_job_id)
    proof = (
        {"search_count": submission.search_count + 1, "searched_at": now} if was_searched else {}
    )
    here.update(search_at=now + submission.pause, **proof)


@transaction.atomic
def _stop_searching(submission: Submission) -> None:
    """End the search: the order was not received, or nobody can know whether it was."""
    lock_job(submission.job_id)  # before its submission, as everywhere
    here = Submission.objects.select_for_update().filter(
        pk=submission.pk, unverified_job_id=submission.unverified_job_id
    )
    if here.first() is None:
        return  # a webhook has come meanwhile
    if why := _why_unknowable(submission):
        give_up_search(
            submission, why + " " + _("Check the vendor's own list and enter whether it charged.")
        )
    else:
        why = _("The vendor's list does not show it, and keeps no order for so long.")
        record_not_received(submission, State.FAILED, reason=why)


def _why_unknowable(submission: Submission) -> str:
    """Return why nobody can know whether the order was received; "" where it was not."""
    # An order from before images had an address per order cannot be recognised in any list.
    if not (submission.job.account.offer.can_find_orders and submission.image_url):
        return _("This vendor can't be asked whether it received the order.")
    if submission.unverified_job_id:
        return _("The vendor sent a webhook about it without a result.")
    if not submission.was_searched_in_time:  # a list without it proves nothing any more
        return _("It was not searched for while the vendor would still have shown it.")
    return ""

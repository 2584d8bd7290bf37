"""Reconciling: find orders whose answer was lost, by the vendor's list and by webhooks.

Nothing here sends an order. An order that is found goes on as if its answer had come. One that is not
found stays unconfirmed until a person decides, and is searched for until the vendor cannot have it any
more.
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
from apps.jobs.models.vendor_side import PATIENCE, RETENTION
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

# Orders lost hours apart are looked for in as many stretches of the vendor's list: a pass must come
# to its end.
AT_ONCE = 12
SEARCH_SECONDS = 35.0
NAMED_SECONDS = 10.0  # of these, for the jobs that calls have named


def reconcile_due(lane: Lane) -> datetime | None:
    """Search once for each submission on this lane that is due; return when to run again."""
    if lane.is_paused:
        return lane.paused_until
    due = Submission.objects.filter(job__account__in=lane.accounts.all())
    # While a vendor is out of order, or too slow for several, one search at a time still gets
    # through.
    submissions = list(
        due.claim_due_for_reconciliation(limit=1 if lane.is_circuit_open else AT_ONCE)
    )
    account = lane.accounts.order_by("pk").first()
    if not submissions or account is None:
        return None
    search = SearchResult()
    try:
        async_to_sync(_search_in_time)(account, submissions, search)
        if search.was_answered:
            lane.record_success()
    except TryLater as trouble:
        lane.record_failure(str(trouble), retry_after=trouble.retry_after)
    except DomainError as fault:  # refused, or our own key cannot be read: there is another time
        log.warning("not_sought", lane=str(lane), reason=str(fault))
    for submission in submissions:
        try:
            _apply_result(submission, search)
        except Exception:  # it is looked for again; meanwhile it keeps no other from being found
            log.exception("submission_not_settled", reference=submission.reference)
    return None


@dataclass
class SearchResult:
    """What one search has come to; if it breaks off, so much is known all the same.

    `known` says by reference what the vendor has of a submission, and None where it has nothing. A submission
    that is missing was not looked for to the end. `unanswered` are those of which a call has named
    the id, and the vendor does not say what it is.
    """

    known: dict[str, Report | None] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    was_answered: bool = False

    def learn(self, known: Mapping[str, Report | None]) -> None:
        """Take what a list says; that it does not show what a call has named proves nothing."""
        sure = known.keys() - self.unanswered
        self.known |= {
            reference: report for reference, report in known.items() if report or reference in sure
        }

    def is_missing(self, submission: Submission) -> bool:
        """Whether the vendor was looked through to the end, and has nothing of this submission."""
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
        await _poll_hinted(vendor, [one for one in submissions if one.hinted_id], search)
        rest = [one for one in submissions if one.reference not in search.known]
        if not account.offer.can_find_orders:
            search.learn(dict.fromkeys(one.reference for one in rest))
        elif rest:
            async for known in vendor.find_orders([one.as_query() for one in rest]):
                search.was_answered = True
                search.learn(known)


async def _poll_hinted(vendor: Vendor, submissions: list[Submission], search: SearchResult) -> None:
    """Ask for the jobs that calls have named: an exchange each, which may spare a long search."""
    search.unanswered |= {submission.reference for submission in submissions}
    with suppress(TimeoutError):
        async with asyncio.timeout(NAMED_SECONDS):
            await asyncio.gather(
                *(_poll_hinted_one(vendor, submission, search) for submission in submissions)
            )


async def _poll_hinted_one(vendor: Vendor, submission: Submission, search: SearchResult) -> None:
    try:
        report = await vendor.report(submission.hinted_id)
    except VendorError as trouble:  # one strange id keeps no other submission from being found
        search.was_answered |= isinstance(trouble, Refused)
        if isinstance(trouble, JobNotFound):
            search.unanswered.discard(submission.reference)
        return
    search.was_answered = True
    search.unanswered.discard(submission.reference)
    if _matches(submission, report):
        named = report.vendor_job_id or submission.hinted_id
        search.known[submission.reference] = replace(report, vendor_job_id=named)


def _matches(submission: Submission, report: Report) -> bool:
    """Whether a job that a call named is ours: it repeats something of this submission."""
    return report.reference == submission.reference or bool(
        report.image_url and report.image_url == submission.image_url
    )


def _apply_result(submission: Submission, search: SearchResult) -> None:
    """Take up a submission that was found, or look again later."""
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
    _search_later(submission, looked=search.is_missing(submission))


def adopt(submission: Submission, report: Report) -> bool:
    """Take up a job that the vendor has after all, where its order stands now."""
    return record_accepted(
        submission,
        report.vendor_job_id,
        vendor_word=report.vendor_word,
        accepted_at=_time_accepted(submission, report),
        vendor_created_at=report.created_at,
    )


def _time_accepted(submission: Submission, report: Report) -> datetime:
    """Return when the vendor took it: its clock is believed no further than ours, by which we stop watching."""
    return min(max(report.created_at or submission.sent_at, submission.sent_at), timezone.now())


def _search_later(submission: Submission, *, looked: bool) -> None:
    """Look again later; after the vendor's own memory has run out, and one more look, nobody looks any more."""
    now = timezone.now()
    age, memory = now - submission.sent_at, max(submission.job.retention, RETENTION)
    if (looked and age >= memory) or age >= PATIENCE * memory:
        _stop_searching(submission)
        return
    # People decide by how often it was looked for: a search that the vendor did not answer was
    # none. A call that has come meanwhile has set a nearer time.
    unknown = Submission.objects.filter(outcome=SubmissionOutcome.UNKNOWN)
    here = unknown.filter(pk=submission.pk, hinted_id=submission.hinted_id)
    proof = {"search_count": submission.search_count + 1, "searched_at": now} if looked else {}
    here.update(search_at=now + submission.pause, **proof)


@transaction.atomic
def _stop_searching(submission: Submission) -> None:
    """Say that it never arrived, or that nobody can know."""
    lock_job(submission.job_id)  # before its submission, as everywhere
    here = Submission.objects.select_for_update().filter(
        pk=submission.pk, hinted_id=submission.hinted_id
    )
    if here.first() is None:
        return  # a call has come meanwhile
    if why := _why_unknowable(submission):
        give_up_search(
            submission, why + " " + _("Look at the vendor's own list, and say what it cost.")
        )
    else:
        why = _("The vendor has nothing of it, and would have forgotten it by now.")
        record_not_received(submission, State.FAILED, reason=why)


def _why_unknowable(submission: Submission) -> str:
    """Say why nobody can tell whether this order arrived; "" where it provably has not."""
    # One from before orders had an address of their own (migration 0003) cannot be told in any
    # list.
    if not (submission.job.account.offer.can_find_orders and submission.image_url):
        return _("This vendor can't be asked whether it received the order.")
    if submission.hinted_id:
        return _("The vendor sent a webhook about it without a result.")
    if not submission.was_looked_for:  # what is forgotten by now proves nothing
        return _("Nobody looked for it while the vendor could have known it.")
    return ""

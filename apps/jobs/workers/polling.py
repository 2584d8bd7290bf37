"""Polling jobs at their vendor: one pass per lane polls everything that is due, in batches.

Measured (performance notes, "Following jobs"): asked one by one, two thousand jobs swamp a pool of
connections; asked by the hundred, they are some twenty requests, of which a handful run at a time.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.jobs.models import Job, Lane, VendorAccount
from apps.jobs.models.jobs import JobQuerySet
from apps.jobs.poll_schedule import PollSchedule, retry_pause
from apps.jobs.states import ENDED, State
from apps.jobs.workers.poll_failures import record_poll_failure, schedule_later_poll
from apps.jobs.workers.polled_job import PolledJob
from apps.jobs.workers.reports import NEWS, apply_reports
from apps.vendors.errors import TryLater, VendorError
from apps.vendors.types import Report, Vendor

MOST = 10_000  # jobs in one pass; what is left is due in the next
AT_ONCE = 6  # single questions
MOMENT = 0.02  # seconds in which further answers may come that are then written down together
PASS_SECONDS = 30.0  # a vendor that answers slower than this is out of order
log = structlog.get_logger(__name__)

# How often, and for how long, calls that come meanwhile are answered without a message in between.
TURNS, BURST = 8, timedelta(seconds=5)
# When a job that has ended is asked about again of which its vendor would not speak.
ENDED_AGAIN = timedelta(minutes=10)
SLOW = timedelta(seconds=3)
ANSWERS_PER_SECOND = 25  # of a list: a lane with so much to tell is asked less often


def poll_due(lane: Lane) -> datetime | None:
    """Poll every job on this lane that is due, and apply the reports.

    Return when to run again; None for at once.
    """
    if lane.is_paused:
        return lane.paused_until
    paces = PollSchedule(lane)
    # What is due before the next pass is asked about in this one, or it would wait until that is
    # over.
    soon = paces.begun + paces.shortest / 2
    here = Job.objects.filter(state__in=[State.AT_VENDOR, *ENDED], account__in=lane.accounts.all())
    outcome = _ask(lane, here.filter(next_step_at__lte=soon).order_by("next_step_at"), paces)
    rest = max(paces.shortest, timedelta(seconds=outcome.answers / ANSWERS_PER_SECOND))
    # Counted from its beginning: the time that a pass takes is no rest.
    return max(paces.begun + rest, _time_rested(paces.begun))


def _time_rested(begun: datetime) -> datetime:
    """Return when a pass has rested: one on a vendor that is slow to answer, as long as it took.

    Such a vendor is not to keep a worker busy all the time, which the other lanes need as well.
    """
    # A machine may sleep in the middle of a pass, or put its clock forward.
    took = min(timezone.now() - begun, timedelta(seconds=PASS_SECONDS))
    return begun + 2 * took if took > SLOW else begun


def poll_after_webhooks(lane: Lane) -> datetime | None:
    """Poll the jobs on this lane that have a pending webhook; return when to run again.

    Webhooks come in bursts: jobs with newer webhooks are polled in the same pass, a few times over.
    """
    called = (
        Job.objects.with_pending_webhook()
        .filter(account__in=lane.accounts.all())
        .order_by("webhook_at")
    )
    until = timezone.now() + BURST
    for _turn in range(TURNS):
        if lane.is_paused:
            return lane.paused_until
        calls = dict(called.values_list("pk", "webhook_at")[: _limit_of(lane)])
        if not calls or timezone.now() > until:
            return None
        paces = PollSchedule(lane, awaits_webhooks=False)
        outcome = _ask(lane, called.filter(pk__in=calls), paces)
        _clear_webhooks({pk: calls[pk] for pk in outcome.heard & calls.keys()})
        VendorAccount.note_webhooks({one.account_id for one in outcome.ended})
        if outcome.is_in_trouble:
            paused = timezone.now() + retry_pause(lane.failure_count)
            return lane.paused_until if lane.is_paused else paused
        # Whoever calls for nothing makes us ask no more often than the vendor finds sensible.
        rest = timedelta() if outcome.ended else paces.shortest
        again = max(paces.begun + rest, _time_rested(paces.begun))
        if again > timezone.now():
            return again
    return None


@transaction.atomic
def _clear_webhooks(calls: Mapping[int, datetime | None]) -> None:
    """Let go of these calls, whatever came of them: each is a reason to ask once, and one that came since stays.

    From here on the jobs' own clocks count again.
    """
    Job.objects.filter(pk__in=calls).lock()
    for moment in set(calls.values()):
        jobs = [pk for pk, webhook_at in calls.items() if webhook_at == moment]
        Job.objects.filter(pk__in=jobs, webhook_at=moment).update(webhook_at=None)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The result of one pass."""

    answers: int = 0
    # Of which jobs the vendor said something, if only that it will not.
    heard: Collection[int] = frozenset()
    ended: Collection[PolledJob] = ()
    is_in_trouble: bool = False


def _limit_of(lane: Lane) -> int:
    """Return how many jobs to ask about: of a vendor that is out of order, one tells whether it is back."""
    return 1 if lane.is_circuit_open else MOST


def _ask(lane: Lane, jobs: JobQuerySet, paces: PollSchedule) -> _Outcome:
    """Ask about these jobs in one pass."""
    rows = jobs.values(*PolledJob.COLUMNS)[: _limit_of(lane)]
    watched = {one.vendor_job_id: one for one in map(PolledJob.of, rows)}
    account = lane.accounts.order_by("pk").first()
    if not watched or account is None:
        return _Outcome()
    try:
        vendor = account.vendor()
    except DomainError as fault:  # its key cannot be read
        _reschedule_failed(watched.values(), VendorError(str(fault)))
        return _Outcome(heard={one.pk for one in watched.values()})
    one_pass = _Pass(lane, account, vendor, watched, paces)
    async_to_sync(one_pass.ask)()
    one_pass.note_health()
    before = [one.pk for one in watched.values() if one.has_ended]
    if before and one_pass.trouble is None:
        schedule_later_poll(before)
    return _Outcome(
        answers=one_pass.answers,
        heard={watched[job_id].pk for job_id in one_pass.heard & watched.keys()},
        ended=[watched[job_id] for job_id in one_pass.ended & watched.keys()],
        is_in_trouble=one_pass.trouble is not None,
    )


@dataclass
class _Pass:
    lane: Lane
    account: VendorAccount
    vendor: Vendor
    watched: Mapping[str, PolledJob]
    paces: PollSchedule
    answers: int = 0
    trouble: TryLater | None = None
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    heard: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    told: dict[str, Report] = field(default_factory=dict)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self) -> None:
        """Ask about all of them; what is not answered in time counts as trouble."""
        try:
            async with asyncio.timeout(PASS_SECONDS), self.vendor:
                await self._list()
                await asyncio.gather(*(self._single(job_id) for job_id in self._unheard()))
        except TimeoutError:
            await self._write()  # what was told in time counts
            late = TryLater(_("%s takes too long to answer.") % self.account.offer.vendor_name)
            await self._record_failure(self._unheard(), late)

    def _unheard(self) -> list[str]:
        return [job_id for job_id in self.watched if job_id not in self.heard]

    async def _list(self) -> None:
        """Ask about many at once; a vendor that has no list today is asked one by one.

        So is who has a clip that the list does not show: a job's own page tells more.
        """
        if len(self.watched) < 2:
            return
        asked = [one.asked for one in self.watched.values()]
        try:
            # What is called about has ended together, but was rarely taken together.
            async for reports in self.vendor.reports(
                asked, close_jobs_only=not self.paces.awaits_webhooks
            ):
                await self._hear(
                    {key: one for key, one in reports.items() if self._counts(key, one)}
                )
        except TryLater as fault:  # nothing was said of them: calls about them still wait
            await self._record_failure(self._unheard(), fault)
        except VendorError:
            return
        except Exception:  # an answer nobody foresaw: one by one, it spoils one job at most
            log.exception("list_not_read", lane=str(self.lane))

    def _counts(self, job_id: str, report: Report) -> bool:
        """Whether to hear what the list says: of jobs that nobody asked about only where none calls about them."""
        return not report.has_no_clips and (job_id in self.watched or not self.paces.has_webhooks)

    async def _single(self, job_id: str) -> None:
        async with self.gate:
            # it is out of order: no need to hear it a hundred times
            if self.trouble or job_id in self.heard:
                return
            try:
                report = await self.vendor.report(job_id)
            except VendorError as fault:
                self.heard.add(job_id)
                await self._record_failure([job_id], fault)
                return
            except Exception:
                self.heard.add(job_id)
                log.exception("report_not_read", vendor_job_id=job_id)
                await self._record_failure(
                    [job_id], VendorError(_("The vendor's answer could not be read."))
                )
                return
        # The gate is open for the next question while this answer waits for company.
        await self._hear({job_id: report}, wait=MOMENT)

    async def _hear(self, reports: Mapping[str, Report], *, wait: float = 0.0) -> None:
        self.answers += 1
        self.heard |= reports.keys()
        self.ended |= {
            key for key, one in reports.items() if one.progress in NEWS and not one.has_no_clips
        }
        self.told |= reports
        # Neither half done nor left undone, should the time for asking run out meanwhile.
        await asyncio.shield(self._write(wait))

    async def _write(self, wait: float = 0.0) -> None:
        """Write down what has been told so far; what is told meanwhile as well, by the first whose turn it is."""
        async with self.writing:
            if self.told:
                await asyncio.sleep(wait)
                together, self.told = self.told, {}
                await sync_to_async(apply_reports)(self.lane, together, self.paces, self.watched)

    async def _record_failure(self, job_ids: Collection[str], fault: VendorError) -> None:
        if isinstance(fault, TryLater):
            self.trouble = fault
        await sync_to_async(_reschedule_failed)([self.watched[job_id] for job_id in job_ids], fault)

    def note_health(self) -> None:
        """Count a pass in which the vendor failed once, however many jobs it was asked about."""
        if self.trouble:
            self.lane.record_failure(str(self.trouble), retry_after=self.trouble.retry_after)
        elif self.answers:
            self.lane.record_success()


def _reschedule_failed(watched: Collection[PolledJob], fault: VendorError) -> None:
    """Come back to them later; what has ended must not stand in the way of what has not."""
    pks = [one.pk for one in watched]
    ended = Job.objects.filter(pk__in=pks, state__in=ENDED, next_step_at__isnull=False)
    with transaction.atomic():
        ended.lock()
        ended.update(next_step_at=timezone.now() + ENDED_AGAIN)
    jobs = Job.objects.filter(pk__in=pks, state=State.AT_VENDOR)
    for job in jobs.select_related("account", "chain"):
        record_poll_failure(job, fault)

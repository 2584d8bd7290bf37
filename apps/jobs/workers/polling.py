"""Polling jobs at their vendor: one pass per lane polls everything that is due, in batches.

Measured (performance notes, "Following jobs"): polled one by one, two thousand jobs swamp a pool of
connections; polled by the hundred, they are some twenty requests, of which a handful run at a time.
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

MOST_JOBS_PER_PASS = 10_000  # the others are due in the next pass
CONCURRENT_REQUESTS = 6  # for single jobs; a list has limits of its own
GATHER_SECONDS = 0.02  # answers that come within this time are written together
PASS_SECONDS = 30.0  # a vendor that answers slower than this is out of order
log = structlog.get_logger(__name__)

# Webhooks that come during a pass are answered by the same pass: so many rounds, and so long.
MOST_WEBHOOK_ROUNDS = 8
LONGEST_WEBHOOK_PASS = timedelta(seconds=5)
# The pause before a job that has ended is polled again, after its vendor gave no answer about it.
RETRY_ENDED_AFTER = timedelta(minutes=10)
SLOW_PASS = timedelta(seconds=3)
# A lane whose list answers more than this is polled less often.
ANSWERS_PER_SECOND = 25


def poll_due(lane: Lane) -> datetime | None:
    """Poll every job on this lane that is due, and apply the reports.

    Return when to run again; None for at once.
    """
    if lane.is_paused:
        return lane.paused_until
    schedule = PollSchedule(lane)
    # A job that is due before the next pass is polled in this one: it would have to wait until
    # that is over.
    soon = schedule.begun + schedule.shortest / 2
    jobs = Job.objects.filter(state__in=[State.AT_VENDOR, *ENDED], account__in=lane.accounts.all())
    result = _run_pass(lane, jobs.filter(next_step_at__lte=soon).order_by("next_step_at"), schedule)
    rest = max(schedule.shortest, timedelta(seconds=result.answer_count / ANSWERS_PER_SECOND))
    # Counted from the beginning of the pass: its own time is no rest.
    return max(schedule.begun + rest, _rest_after_slow_pass(schedule.begun))


def _rest_after_slow_pass(begun: datetime) -> datetime:
    """Return when a lane may be polled again; after a slow pass, it rests as long as that took.

    A slow vendor must not keep a worker busy all the time: the other lanes need it as well.
    """
    # A machine may sleep in the middle of a pass, or put its clock forward.
    took = min(timezone.now() - begun, timedelta(seconds=PASS_SECONDS))
    return begun + 2 * took if took > SLOW_PASS else begun


def poll_after_webhooks(lane: Lane) -> datetime | None:
    """Poll the jobs on this lane that have a pending webhook; return when to run again.

    Webhooks come in bursts: jobs with newer webhooks are polled in the same pass, a few times over.
    """
    pending = (
        Job.objects.with_pending_webhook()
        .filter(account__in=lane.accounts.all())
        .order_by("webhook_at")
    )
    until = timezone.now() + LONGEST_WEBHOOK_PASS
    for _round in range(MOST_WEBHOOK_ROUNDS):
        if lane.is_paused:
            return lane.paused_until
        webhooks = dict(pending.values_list("pk", "webhook_at")[: _limit_of(lane)])
        if not webhooks or timezone.now() > until:
            return None
        schedule = PollSchedule(lane, awaits_webhooks=False)
        result = _run_pass(lane, pending.filter(pk__in=webhooks), schedule)
        _clear_webhooks({pk: webhooks[pk] for pk in result.answered & webhooks.keys()})
        VendorAccount.note_webhooks({job.account_id for job in result.ended})
        if result.has_failed:
            paused = timezone.now() + retry_pause(lane.failure_count)
            return lane.paused_until if lane.is_paused else paused
        # Webhooks without news must not make us poll more often than the vendor recommends.
        rest = timedelta() if result.ended else schedule.shortest
        again = max(schedule.begun + rest, _rest_after_slow_pass(schedule.begun))
        if again > timezone.now():
            return again
    return None


@transaction.atomic
def _clear_webhooks(webhooks: Mapping[int, datetime | None]) -> None:
    """Clear these webhooks: each is a reason to poll once. A newer one of the same job stays.

    From here on the jobs' own poll times count again.
    """
    Job.objects.filter(pk__in=webhooks).lock()
    for moment in set(webhooks.values()):
        jobs = [pk for pk, webhook_at in webhooks.items() if webhook_at == moment]
        Job.objects.filter(pk__in=jobs, webhook_at=moment).update(webhook_at=None)


@dataclass(frozen=True, slots=True)
class _PassResult:
    """The result of one pass."""

    answer_count: int = 0
    # The jobs that the vendor answered about, be it with a refusal.
    answered: Collection[int] = frozenset()
    ended: Collection[PolledJob] = ()
    has_failed: bool = False


def _limit_of(lane: Lane) -> int:
    """Return how many jobs to poll: one is enough to see whether a broken vendor is back."""
    return 1 if lane.is_circuit_open else MOST_JOBS_PER_PASS


def _run_pass(lane: Lane, jobs: JobQuerySet, schedule: PollSchedule) -> _PassResult:
    """Poll these jobs in one pass."""
    rows = jobs.values(*PolledJob.COLUMNS)[: _limit_of(lane)]
    polled = {job.vendor_job_id: job for job in map(PolledJob.of, rows)}
    account = lane.accounts.order_by("pk").first()
    if not polled or account is None:
        return _PassResult()
    try:
        vendor = account.vendor()
    except DomainError as fault:  # its key cannot be read
        _reschedule_failed(polled.values(), VendorError(str(fault)))
        return _PassResult(answered={job.pk for job in polled.values()})
    poll_pass = _PollPass(lane, account, vendor, polled, schedule)
    async_to_sync(poll_pass.run)()
    poll_pass.record_health()
    ended_before = [job.pk for job in polled.values() if job.has_ended]
    if ended_before and poll_pass.failure is None:
        schedule_later_poll(ended_before)
    return _PassResult(
        answer_count=poll_pass.answer_count,
        answered={polled[job_id].pk for job_id in poll_pass.answered & polled.keys()},
        ended=[polled[job_id] for job_id in poll_pass.ended & polled.keys()],
        has_failed=poll_pass.failure is not None,
    )


@dataclass
class _PollPass:
    """One pass: the vendor's list is asked first, then each job that the list does not tell of."""

    lane: Lane
    account: VendorAccount
    vendor: Vendor
    polled: Mapping[str, PolledJob]
    schedule: PollSchedule
    answer_count: int = 0
    failure: TryLater | None = None
    # By the vendor's job id: those it answered about, those that have ended, and reports in hand.
    answered: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    unwritten: dict[str, Report] = field(default_factory=dict)
    request_slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(CONCURRENT_REQUESTS)
    )
    write_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Poll all jobs of the pass; no answer in time counts as a failure of the vendor."""
        try:
            async with asyncio.timeout(PASS_SECONDS), self.vendor:
                await self._poll_list()
                await asyncio.gather(
                    *(self._poll_one(job_id) for job_id in self._ids_without_answer())
                )
        except TimeoutError:
            await self._write_reports()  # answers that came in time count
            late = TryLater(_("%s takes too long to answer.") % self.account.offer.vendor_name)
            await self._record_failure(self._ids_without_answer(), late)

    def _ids_without_answer(self) -> list[str]:
        return [job_id for job_id in self.polled if job_id not in self.answered]

    async def _poll_list(self) -> None:
        """Ask the vendor's list for many jobs at once.

        Jobs that the list does not tell of are polled one by one afterwards: those of a vendor
        whose list is out of order, and those whose clip only their own page shows.
        """
        if len(self.polled) < 2:
            return
        queries = [job.query for job in self.polled.values()]
        # Jobs with a webhook ended together, but were rarely accepted together.
        close_jobs_only = not self.schedule.awaits_webhooks
        try:
            async for reports in self.vendor.reports(queries, close_jobs_only=close_jobs_only):
                usable = {key: one for key, one in reports.items() if self._is_usable(key, one)}
                await self._take_reports(usable)
        except TryLater as fault:  # nothing was said of the rest: their webhooks stay pending
            await self._record_failure(self._ids_without_answer(), fault)
        except VendorError:
            return
        except Exception:  # an unforeseen answer: polled one by one, it spoils one job at most
            log.exception("list_not_read", lane=str(self.lane))

    def _is_usable(self, job_id: str, report: Report) -> bool:
        """Whether a report from the list counts.

        A job outside this pass is left to its webhook, where webhooks reach us.
        """
        is_ours = job_id in self.polled or not self.schedule.has_webhooks
        return is_ours and not report.has_no_clips

    async def _poll_one(self, job_id: str) -> None:
        async with self.request_slots:
            # A vendor out of order says so once, and not a hundred times.
            if self.failure or job_id in self.answered:
                return
            try:
                report = await self.vendor.report(job_id)
            except VendorError as fault:
                self.answered.add(job_id)
                await self._record_failure([job_id], fault)
                return
            except Exception:
                self.answered.add(job_id)
                log.exception("report_not_read", vendor_job_id=job_id)
                unreadable = VendorError(_("The vendor's answer could not be read."))
                await self._record_failure([job_id], unreadable)
                return
        # The slot is free for the next request while this report waits for others.
        await self._take_reports({job_id: report}, gather_seconds=GATHER_SECONDS)

    async def _take_reports(
        self, reports: Mapping[str, Report], *, gather_seconds: float = 0.0
    ) -> None:
        self.answer_count += 1
        self.answered |= reports.keys()
        self.ended |= {
            key for key, one in reports.items() if one.progress in NEWS and not one.has_no_clips
        }
        self.unwritten |= reports
        # Shielded: a write that has begun is finished, even if the time of the pass runs out.
        await asyncio.shield(self._write_reports(gather_seconds))

    async def _write_reports(self, gather_seconds: float = 0.0) -> None:
        """Write all reports in hand; those that come meanwhile are written by the same turn."""
        async with self.write_lock:
            if self.unwritten:
                await asyncio.sleep(gather_seconds)
                reports, self.unwritten = self.unwritten, {}
                await sync_to_async(apply_reports)(self.lane, reports, self.schedule, self.polled)

    async def _record_failure(self, job_ids: Collection[str], fault: VendorError) -> None:
        if isinstance(fault, TryLater):
            self.failure = fault
        jobs = [self.polled[job_id] for job_id in job_ids]
        await sync_to_async(_reschedule_failed)(jobs, fault)

    def record_health(self) -> None:
        """Count a pass in which the vendor failed as one failure, however many jobs it had."""
        if self.failure:
            self.lane.record_failure(str(self.failure), retry_after=self.failure.retry_after)
        elif self.answer_count:
            self.lane.record_success()


def _reschedule_failed(polled: Collection[PolledJob], fault: VendorError) -> None:
    """Poll these jobs again later; those that have ended come after those that have not."""
    pks = [job.pk for job in polled]
    ended = Job.objects.filter(pk__in=pks, state__in=ENDED, next_step_at__isnull=False)
    with transaction.atomic():
        ended.lock()
        ended.update(next_step_at=timezone.now() + RETRY_ENDED_AFTER)
    jobs = Job.objects.filter(pk__in=pks, state=State.AT_VENDOR)
    for job in jobs.select_related("account", "chain"):
        record_poll_failure(job, fault)

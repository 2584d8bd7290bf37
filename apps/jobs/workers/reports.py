"""Applying the vendor's reports: many at once, each job with its money and its outputs.

The same report applied twice changes nothing: a job moves only from its current state.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import structlog
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.clips.states import Nsfw
from apps.jobs.models import Job, Lane, Output
from apps.jobs.models.jobs import JobQuerySet
from apps.jobs.models.vendor_side import RETENTION
from apps.jobs.parts import predecessor_ended
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import ENDED, State
from apps.jobs.workers import money
from apps.jobs.workers.poll_failures import first_later_poll, record_poll_failure
from apps.jobs.workers.polled_job import PolledJob
from apps.vendors.errors import VendorError
from apps.vendors.types import Progress, Report

log = structlog.get_logger(__name__)

ENDS = {
    Progress.FAILED: State.FAILED,
    Progress.MODERATED: State.MODERATED,
    Progress.CANCELLED: State.CANCELLED,
}
NEWS = {Progress.DONE, *ENDS}
# Rows that the end of a job without a clip touches; a job that is done touches none of them.
ROWS_AN_END_TOUCHES = ("account", "chain", "project", "team", "created_by")


def apply_reports(
    lane: Lane,
    reports: Mapping[str, Report],
    schedule: PollSchedule,
    polled: Mapping[str, PolledJob] = MappingProxyType({}),
) -> None:
    """Apply the vendor's reports by its job ids; one bad row spoils no other."""
    try:
        with transaction.atomic():
            _jobs_named(lane, reports).lock()
            _apply_news(
                lane, {key: report for key, report in reports.items() if report.progress in NEWS}
            )
            unfinished = {
                key: report for key, report in reports.items() if report.progress not in NEWS
            }
            _reschedule([polled[key] for key in unfinished if key in polled], unfinished, schedule)
    except Exception:  # one report in a hundred that cannot be saved must not hold up the others
        log.exception("reports_not_applied", lane=str(lane), count=len(reports))
        if len(reports) > 1:
            for vendor_job_id, report in reports.items():
                apply_reports(lane, {vendor_job_id: report}, schedule, polled)
        else:
            _reschedule_unreadable(lane, reports)


@transaction.atomic
def _reschedule_unreadable(lane: Lane, reports: Iterable[str]) -> None:
    """Poll jobs again, ever more rarely, whose report could not be saved."""
    jobs = _lock_jobs(lane, reports, [State.AT_VENDOR])
    prefetch_related_objects(jobs, *ROWS_AN_END_TOUCHES)
    for job in jobs:
        record_poll_failure(job, VendorError(_("The vendor's answer could not be saved.")))


def _apply_news(lane: Lane, reports: Mapping[str, Report]) -> None:
    if not reports:
        return
    by_meaning: dict[str, list[Job]] = defaultdict(list)
    for job in _lock_jobs(lane, reports, [State.AT_VENDOR, *ENDED]):
        by_meaning[_meaning(job, reports[job.vendor_job_id])].append(job)
    _move_to_saving(by_meaning["done"], reports)
    prefetch_related_objects(by_meaning["end"] + by_meaning["bare"], *ROWS_AN_END_TOUCHES)
    for job in by_meaning["end"]:
        report = reports[job.vendor_job_id]
        end_without_clip(
            job,
            ENDS[report.progress],
            is_charge_kept=report.is_charge_kept,
            **_facts_of_end(report) | first_later_poll(),
        )
    for job in by_meaning["bare"]:
        record_poll_failure(
            job, VendorError(_("The vendor calls the job done but shows no clip yet."))
        )


def _jobs_named(lane: Lane, vendor_job_ids: Iterable[str]) -> JobQuerySet:
    named = Job.objects.filter(
        account__in=lane.accounts.all(), vendor_job_id__in=list(vendor_job_ids)
    )
    return named.exclude(vendor_job_id="").order_by()


def _lock_jobs(lane: Lane, vendor_job_ids: Iterable[str], states: list[State]) -> list[Job]:
    # Two queries: with states and ids in one, SQLite reads all jobs in flight.
    named = _jobs_named(lane, vendor_job_ids).values_list("pk", "state")
    pks = [pk for pk, state in named if state in states]
    jobs = Job.objects.select_for_update(of=("self",)).filter(pk__in=pks, state__in=states)
    return list(jobs.order_by("pk"))


def _meaning(job: Job, report: Report) -> str:
    """Return the meaning of a report for a job; for one that has ended, only a clip is news."""
    if report.progress is Progress.DONE and not report.has_no_clips:
        return "done"
    if job.state != State.AT_VENDOR:
        return "old news"
    return "bare" if report.has_no_clips else "end"


def _move_to_saving(jobs: list[Job], reports: Mapping[str, Report]) -> None:
    if not jobs:
        return
    now = timezone.now()
    changes = {
        job.pk: _facts_of_end(reports[job.vendor_job_id])
        | {
            "done_at": now,
            "reason": "",
            "poll_failures": 0,
            "next_step_at": None,
            "webhook_at": None,
            "is_late": job.state in ENDED or job.is_late,
        }
        for job in jobs
    }
    Job.objects.move_all(State.SAVING, jobs, changes)
    money.charge_delivered(jobs)
    late = {job.pk for job in jobs if changes[job.pk]["is_late"]}
    _offer_outputs(jobs, reports, late=late)


def _offer_outputs(jobs: list[Job], reports: Mapping[str, Report], *, late: set[int]) -> None:
    """Note what there is to download of jobs that are done.

    A late job may have outputs that were given up the first time: they are tried anew.
    """
    outputs = [
        Output(
            team_id=job.team_id,
            job=job,
            take=take,
            vendor_url=output.url,
            nsfw=Nsfw.of(output.nsfw),
            next_try_at=timezone.now(),
        )
        for job in jobs
        for take, output in enumerate(reports[job.vendor_job_id].outputs, start=1)
    ]
    Output.objects.bulk_create(outputs, ignore_conflicts=True)
    for output in (one for one in outputs if one.job_id in late):
        again = Output.objects.filter(job=output.job_id, take=output.take, clip=None)
        again.update(
            vendor_url=output.vendor_url,
            next_try_at=timezone.now(),
            tries=0,
            given_up_at=None,
            fault="",
        )


def _facts_of_end(report: Report) -> dict[str, Any]:
    return {
        "vendor_status": report.vendor_status,
        "reason": _sentences(report.reason, report.advice),
        "vendor_message": report.reason,
        "inference_ms": report.inference_ms,
        "done_at": timezone.now(),
    }


def _sentences(reason: str, advice: str) -> str:
    """Join what the vendor says and what we advise, where both say something."""
    if not (reason and advice):
        return reason or advice
    return f"{reason.rstrip(' .')}. {advice}"


@transaction.atomic
def end_without_clip(job: Job, to: State, *, is_charge_kept: bool = False, **changes: Any) -> bool:
    """End a job that its vendor had accepted, with its money and the parts that were to follow it.

    With `is_charge_kept` the vendor keeps the whole price. Returns whether it was this call that
    ended it.
    """
    if not job.move(to, **changes):
        return False
    money.settle_without_clip(job, changes.get("reason", ""), is_charge_kept=is_charge_kept)
    predecessor_ended(job)
    return True


def _reschedule(
    polled: list[PolledJob], reports: Mapping[str, Report], schedule: PollSchedule
) -> None:
    """Note the next poll of each job; jobs due at about the same time share one update."""
    alike: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    for one in polled:
        if one.has_ended:
            continue
        if timezone.now() - one.accepted_at > RETENTION and _give_up(one):
            continue
        moment = schedule.next_poll(one.account_id, one.price_values, one.accepted_at)
        alike[reports[one.vendor_job_id].vendor_status, moment].append(one.pk)
    for (word, moment), pks in alike.items():
        here = Job.objects.filter(pk__in=pks, state=State.AT_VENDOR)
        noted = {"vendor_status": word, "next_step_at": moment, "poll_failures": 0}
        here.update(**noted, reason="", vendor_message="")


def _give_up(polled: PolledJob) -> bool:
    """Stop polling a job that is older than the vendor's retention, and still called unfinished."""
    job = Job.objects.select_related("account", "chain").get(pk=polled.pk)
    why = VendorError(_("The vendor never finished it, and keeps no job for so long."))
    if timezone.now() - polled.accepted_at <= job.retention:
        return False
    record_poll_failure(job, why)
    return True

"""What the account's own jobs teach: when to look at a job again, and how long it still takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median, quantiles

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.templatetags.house import seconds
from apps.jobs.models import Job, VendorAccount
from apps.jobs.states import State

SHORTEST = timedelta(seconds=0.15)
LONGEST = timedelta(minutes=10)
HISTORY = 40  # jobs


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the account's last jobs took at the vendor, in seconds."""

    p10: float
    median: float
    p90: float


def pace_of(account: VendorAccount, resolution: str) -> Pace | None:
    """Learn from the account's last jobs of this resolution; None while there are fewer than three."""
    done = Job.objects.filter(account=account, done_at__isnull=False, parameters__resolution=resolution)
    rows = done.order_by("-done_at").values_list("taken_at", "done_at")[:HISTORY]
    took = sorted((end - start).total_seconds() for start, end in rows if start and end)
    if len(took) < 3:
        return None
    deciles = quantiles(took, n=10, method="inclusive")
    return Pace(deciles[0], median(took), deciles[-1])


def paces_of(jobs: Iterable[Job]) -> dict[tuple[int, str], Pace | None]:
    """Return the pace of each account and resolution among the jobs that are at their vendor."""
    moving = {(job.account_id, job.resolution): job.account for job in jobs if job.is_moving}
    return {key: pace_of(account, key[1]) for key, account in moving.items()}


def pause_before_look(elapsed: timedelta, pace: Pace | None) -> timedelta:
    """Return how long to wait before looking again at a job that has been at the vendor for `elapsed`."""
    so_far = elapsed.total_seconds()
    # From half the time of the quickest tenth on: a vendor may be quicker today than it has been.
    if pace and so_far < 0.5 * pace.p10:
        wait = 0.5 * pace.p10 - so_far
    elif pace and so_far <= 2 * pace.p90:
        wait = 0.06 * so_far
    else:
        wait = 0.12 * so_far
    return min(max(timedelta(seconds=wait), SHORTEST), LONGEST)


def pause_after_trouble(attempts: int) -> timedelta:
    """Return how long to wait after `attempts` tries in a row went wrong: 2 s, 4 s, … 10 min."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST)


def progress_of(job: Job, pace: Pace | None) -> tuple[int | None, str]:
    """Return percent and words for the time left, learned from the account's own jobs; None and "" if unknown."""
    if job.state == State.SAVING:
        return 97, _("saving the clip")
    if job.state != State.AT_VENDOR or pace is None or job.taken_at is None:
        return None, ""
    elapsed = (timezone.now() - job.taken_at).total_seconds()
    percent = min(95, round(100 * elapsed / max(pace.p90, 0.1)))
    if elapsed > pace.p90:
        return percent, _("longer than usual")
    if elapsed > pace.median:
        return percent, _("any moment, at most about %s") % seconds(round((pace.p90 - elapsed) * 1000))
    return percent, _("about %s left") % seconds(round((pace.median - elapsed) * 1000))

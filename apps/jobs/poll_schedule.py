"""What the account's own jobs teach: when to look at a job again, and how long it still takes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import ceil, floor, log2
from random import uniform
from statistics import median, quantiles

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.formatting import seconds
from apps.jobs.models import Job, Lane, VendorAccount
from apps.jobs.models.accounts import TRUSTED
from apps.jobs.states import State

SHORTEST = timedelta(seconds=0.15)
GRID, COMPANY = 0.1, 5.0  # seconds
CLOSE = 1.5  # seconds between looks at what is about to be done
LONGEST = timedelta(minutes=10)
HISTORY, MOST = 40, 400  # jobs learned from: so many, and no more than that of the last minutes
RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the account's last jobs took at the vendor, in seconds."""

    p10: float
    median: float
    p90: float

    @property
    def early(self) -> float:
        """A little before the first of them may end: as far below the first tenth as all are apart."""
        return 0.9 * (self.p10 - (self.p90 - self.p10) / 8)

    @property
    def interval(self) -> float:
        """The longest time between two looks where any moment may be the one.

        Where all take about the same time, that is short; where they differ, a hundredth of that.
        """
        return max(CLOSE, 0.01 * (self.p90 - self.p10))


def pace_of(account_id: int, resolution: str) -> Pace | None:
    """Learn from the account's last jobs of this resolution; None while there are fewer than three.

    Those of the last minutes all count: what one pass finds done is told by age, so that the very
    last of many may all be of one age.
    """
    # What is refused or fails tells nothing of how long a clip takes.
    done = Job.objects.filter(
        account=account_id, done_at__isnull=False, parameters__resolution=resolution
    )
    done = done.filter(state__in=[State.SAVING, State.SAVED])
    rows = done.order_by("-done_at").values_list("done_at", "accepted_at")[:MOST]
    ends = [(end, start) for end, start in rows if start and end]
    recent = sum(ends[0][0] - end < RECENT for end, _start in ends)
    took = sorted((end - start).total_seconds() for end, start in ends[: max(HISTORY, recent)])
    if len(took) < 3:
        return None
    deciles = quantiles(took, n=10, method="inclusive")
    return Pace(deciles[0], median(took), deciles[-1])


def paces_of(jobs: Iterable[Job]) -> dict[tuple[int, str], Pace | None]:
    """Return the pace of each account and resolution among the jobs that are at their vendor."""
    return {
        key: pace_of(*key)
        for key in {(job.account_id, job.resolution) for job in jobs if job.is_moving}
    }


def pause_before_look(
    elapsed: timedelta,
    pace: Pace | None,
    shortest: timedelta = SHORTEST,
    *,
    is_called: bool = False,
) -> timedelta:
    """Return how long to wait before looking again at a job that has been at the vendor for `elapsed`.

    With `is_called` the vendor's calls reach us, and a look is but for the one that got lost.
    """
    so_far = elapsed.total_seconds()
    wait = _wait_for_call(so_far, pace) if pace and is_called else _wait(so_far, pace)
    return min(max(timedelta(seconds=wait), shortest), LONGEST)


def _wait(so_far: float, pace: Pace | None) -> float:
    # From half the time of the quickest tenth on: a vendor may be quicker today than it has been.
    if pace and so_far < 0.5 * pace.p10:
        return 0.5 * pace.p10 - so_far
    if pace and so_far < pace.early:
        return min(0.25 * so_far, pace.early - so_far)
    if pace and so_far <= 2 * pace.p90:
        return min(0.06 * so_far, pace.interval)
    return 0.12 * so_far


def _wait_for_call(so_far: float, pace: Pace) -> float:
    after_quickest = pace.p10 + CLOSE
    if so_far < 0.5 * pace.p10:
        wait = 0.5 * pace.p10 - so_far
    elif so_far < after_quickest:
        wait = after_quickest - so_far
    else:
        wait = 0.5 * so_far
    # Calls may stop as soon as the look is planned.
    return min(wait, TRUSTED.total_seconds())


def pause_after_trouble(attempts: int) -> timedelta:
    """Return how long to wait after `attempts` tries in a row went wrong: 2 s, 4 s, … 10 min, with jitter."""
    wait = timedelta(seconds=2 ** min(attempts, 12) * uniform(0.8, 1.2))  # noqa: S311  # spreads load, guards nothing  # nosec B311
    return min(wait, LONGEST)


@dataclass
class Paces:
    """What one pass on one lane knows of time: how often to look here, and each account's pace, asked once."""

    lane: Lane
    # A call that has come is one that did not get lost: should the vendor say "still at it", it is
    # not waited for.
    waits_for_calls: bool = True
    # What a pass asks about together is due together again, however long hearing all of it takes.
    begun: datetime = field(init=False, default_factory=timezone.now)
    _known: dict[tuple[int, str], Pace | None] = field(init=False, default_factory=dict)

    @cached_property
    def shortest(self) -> timedelta:
        """Look as often as the vendor finds sensible; at our own sandbox as often as the load allows."""
        if not self._accounts:
            return SHORTEST
        if not self._accounts[0].is_sandbox:
            return timedelta(seconds=self._accounts[0].offer.min_poll_seconds)
        busy = Job.objects.filter(account__lane=self.lane, state=State.AT_VENDOR).count()
        return timedelta(seconds=min(CLOSE, SHORTEST.total_seconds() + busy / 300))

    def next_look(self, account_id: int, resolution: str, accepted_at: datetime) -> datetime:
        """Return when to look at a job again, on a grid: what is due together is asked and noted together."""
        is_called = self.waits_for_calls and account_id in self._calling
        pause = pause_before_look(
            self.begun - accepted_at,
            self._of(account_id, resolution),
            self.shortest,
            is_called=is_called,
        )
        # Passes are apart, too: a look that falls between two of them is not to be late for it.
        pause = max(pause - self.shortest / 4, self.shortest)
        grid = max(GRID, self.shortest.total_seconds() / 4)
        # a look that is but for a lost call may wait for company, on a grid that many share
        if is_called:
            grid = max(grid, 2.0 ** floor(log2(min(0.1 * pause.total_seconds(), COMPANY))))
        return datetime.fromtimestamp(round((self.begun + pause).timestamp() / grid) * grid, UTC)

    @cached_property
    def _accounts(self) -> list[VendorAccount]:
        return list(self.lane.accounts.all())

    @property
    def calls_come(self) -> bool:
        """Whether any account on this lane is called about its jobs."""
        return bool(self._calling)

    @cached_property
    def _calling(self) -> set[int]:
        return {account.pk for account in self._accounts if account.receives_webhooks}

    def _of(self, account_id: int, resolution: str) -> Pace | None:
        key = (account_id, resolution)
        if key not in self._known:
            self._known[key] = pace_of(account_id, resolution)
        return self._known[key]


def progress_of(job: Job, pace: Pace | None) -> tuple[int | None, str]:
    """Return percent and words for the time left, learned from the account's own jobs; None and "" if unknown."""
    if job.state == State.SAVING:
        return 97, _("saving the clip")
    if job.state != State.AT_VENDOR or pace is None or job.accepted_at is None:
        return None, ""
    elapsed = (timezone.now() - job.accepted_at).total_seconds()
    percent = min(95, round(100 * elapsed / max(pace.p90, 0.1)))
    if elapsed > pace.p90:
        return percent, _("longer than usual")
    if elapsed > pace.median:
        return percent, _("any moment, mostly within %s") % _about(pace.p90 - elapsed)
    return percent, _("about %s left") % _about(pace.median - elapsed)


def _about(left: float) -> str:
    """Write an estimate in whole seconds: tenths would claim to know more than it does."""
    return _("%s s") % max(1, ceil(left)) if left < 10 else seconds(round(left * 1000))

"""Poll times, learned from the durations of the account's own jobs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import floor, log2
from random import uniform
from statistics import median, quantiles

from django.utils import timezone

from apps.jobs.models import Job, Lane, VendorAccount
from apps.jobs.models.accounts import TRUSTED
from apps.jobs.states import State
from apps.vendors.offer import PriceValues

SHORTEST_PAUSE = timedelta(seconds=0.15)
LONGEST_PAUSE = timedelta(minutes=10)
CLOSE_POLL_SECONDS = 1.5  # between polls of a job that is about to end
GRID_SECONDS = 0.1
BATCH_WINDOW_SECONDS = 5.0
SANDBOX_POLLS_PER_SECOND = 300
# Durations are learned from this many jobs. Where more ended within the recent minutes, from all
# of those, up to the second figure.
HISTORY_JOBS = 40
MOST_HISTORY_JOBS = 400
RECENT = timedelta(minutes=10)
FEWEST_HISTORY_JOBS = 3


@dataclass(frozen=True, slots=True)
class Durations:
    """The durations of the account's last jobs at the vendor, in seconds."""

    p10: float
    median: float
    p90: float

    @property
    def early(self) -> float:
        """A moment just before the first jobs may end, as far below p10 as the jobs differ."""
        return 0.9 * (self.p10 - (self.p90 - self.p10) / 8)

    @property
    def interval(self) -> float:
        """The longest pause between two polls while a job may end at any moment.

        Short where all jobs take about the same time, else a hundredth of their difference.
        """
        return max(CLOSE_POLL_SECONDS, 0.01 * (self.p90 - self.p10))


def durations_of(account_id: int, price_values: PriceValues) -> Durations | None:
    """Return the durations of the account's last jobs with these settings of the price.

    None while there are fewer than three. All jobs of the last minutes count: one pass may find
    many jobs done, oldest first, so the very last of them may all be of one age.
    """
    # A refused or failed job does not tell how long a clip takes.
    settings = {f"parameters__{name}": value for name, value in price_values}
    done = Job.objects.filter(
        account=account_id,
        done_at__isnull=False,
        **settings,
        state__in=[State.SAVING, State.SAVED],
    )
    rows = done.order_by("-done_at").values_list("done_at", "accepted_at")[:MOST_HISTORY_JOBS]
    ends = [(end, start) for end, start in rows if start and end]
    recent = sum(ends[0][0] - end < RECENT for end, _start in ends)
    counted = ends[: max(HISTORY_JOBS, recent)]
    seconds = sorted((end - start).total_seconds() for end, start in counted)
    if len(seconds) < FEWEST_HISTORY_JOBS:
        return None
    deciles = quantiles(seconds, n=10, method="inclusive")
    return Durations(deciles[0], median(seconds), deciles[-1])


def durations_of_jobs(jobs: Iterable[Job]) -> dict[tuple[int, PriceValues], Durations | None]:
    """Return the durations for each account and price among the jobs under way."""
    keys = {(job.account_id, job.price_values) for job in jobs if job.is_moving}
    return {key: durations_of(*key) for key in keys}


def pause_before_poll(
    elapsed: timedelta,
    durations: Durations | None,
    shortest: timedelta = SHORTEST_PAUSE,
    *,
    has_webhooks: bool = False,
) -> timedelta:
    """Return the pause before the next poll of a job that the vendor has had for `elapsed`.

    With `has_webhooks`, a poll only replaces a webhook that was lost.
    """
    so_far = elapsed.total_seconds()
    wait = _wait(so_far, durations)
    if durations and has_webhooks:
        wait = _wait_beside_webhooks(so_far, durations)
    return min(max(timedelta(seconds=wait), shortest), LONGEST_PAUSE)


def _wait(so_far: float, durations: Durations | None) -> float:
    if durations is None:
        return 0.12 * so_far
    # Half of p10 comes first: a vendor may be quicker today than it was.
    if so_far < 0.5 * durations.p10:
        return 0.5 * durations.p10 - so_far
    if so_far < durations.early:
        return min(0.25 * so_far, durations.early - so_far)
    if so_far <= 2 * durations.p90:
        return min(0.06 * so_far, durations.interval)
    return 0.12 * so_far


def _wait_beside_webhooks(so_far: float, durations: Durations) -> float:
    after_quickest = durations.p10 + CLOSE_POLL_SECONDS
    if so_far < 0.5 * durations.p10:
        wait = 0.5 * durations.p10 - so_far
    elif so_far < after_quickest:
        wait = after_quickest - so_far
    else:
        wait = 0.5 * so_far
    # Webhooks may stop right after this poll is planned.
    return min(wait, TRUSTED.total_seconds())


def retry_pause(failures: int) -> timedelta:
    """Return the pause after so many failures in a row: 2 s, 4 s, … 10 min, with jitter."""
    jitter = uniform(0.8, 1.2)  # noqa: S311  # spreads load, guards nothing  # nosec B311
    return min(timedelta(seconds=2 ** min(failures, 12) * jitter), LONGEST_PAUSE)


@dataclass
class PollSchedule:
    """The clock of one pass on one lane: how often to poll, and each account's durations."""

    lane: Lane
    # After handling a webhook, use the normal polling interval: the webhook is not outstanding.
    awaits_webhooks: bool = True
    # Jobs polled together are due together again, however long the pass takes.
    begun: datetime = field(init=False, default_factory=timezone.now)
    _known: dict[tuple[int, PriceValues], Durations | None] = field(
        init=False, default_factory=dict
    )

    @cached_property
    def shortest(self) -> timedelta:
        """The shortest pause: the vendor's own advice, or what the load allows at our sandbox."""
        if not self._accounts:
            return SHORTEST_PAUSE
        if not self._accounts[0].is_sandbox:
            return timedelta(seconds=self._accounts[0].offer.min_poll_seconds)
        in_flight = Job.objects.filter(account__lane=self.lane, state=State.AT_VENDOR).count()
        seconds = SHORTEST_PAUSE.total_seconds() + in_flight / SANDBOX_POLLS_PER_SECOND
        return timedelta(seconds=min(CLOSE_POLL_SECONDS, seconds))

    def next_poll(
        self, account_id: int, price_values: PriceValues, accepted_at: datetime
    ) -> datetime:
        """Return when to poll a job again, on a grid, so that jobs due together are one batch."""
        has_webhooks = self.awaits_webhooks and account_id in self._accounts_with_webhooks
        pause = pause_before_poll(
            self.begun - accepted_at,
            self._durations(account_id, price_values),
            self.shortest,
            has_webhooks=has_webhooks,
        )
        # Poll up to a quarter interval early, because passes themselves start an interval apart.
        pause = max(pause - self.shortest / 4, self.shortest)
        grid = max(GRID_SECONDS, self.shortest.total_seconds() / 4)
        if has_webhooks:  # the poll is not urgent: use a coarse grid, for larger batches
            coarse = min(0.1 * pause.total_seconds(), BATCH_WINDOW_SECONDS)
            grid = max(grid, 2.0 ** floor(log2(coarse)))
        moment = (self.begun + pause).timestamp()
        return datetime.fromtimestamp(round(moment / grid) * grid, UTC)

    @cached_property
    def _accounts(self) -> list[VendorAccount]:
        return list(self.lane.accounts.all())

    @property
    def has_webhooks(self) -> bool:
        """Whether webhooks reach any account on this lane."""
        return bool(self._accounts_with_webhooks)

    @cached_property
    def _accounts_with_webhooks(self) -> set[int]:
        return {account.pk for account in self._accounts if account.receives_webhooks}

    def _durations(self, account_id: int, price_values: PriceValues) -> Durations | None:
        key = (account_id, price_values)
        if key not in self._known:
            self._known[key] = durations_of(account_id, price_values)
        return self._known[key]

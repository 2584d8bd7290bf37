"""Time windows in which WaveSpeedAI's list of jobs is searched.

An account may have thousands of jobs, so only the minutes around our own orders are listed. The
vendor's clock may differ from ours, so each window is a few minutes longer than the orders need.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from apps.vendors.types import JobQuery, MissingOrder

# Jobs further apart than this are listed in separate windows.
MAX_GAP = timedelta(minutes=10)
# A group of this many jobs fills about one page of the list. Later jobs then start a new window
# after a short gap, or the list would hold many jobs from between that nobody asked about.
FULL_GROUP_JOBS = 100
MAX_GAP_AFTER_FULL_GROUP = timedelta(seconds=2)
# Clock difference allowed for jobs whose id is known: a job outside costs one more request.
OUR_CLOCK_LEEWAY = timedelta(minutes=3)
# The list's filter is written in whole seconds.
FILTER_RESOLUTION = timedelta(seconds=1)
# Clock difference and delay allowed for lost orders: an order outside may be paid for twice.
ORDER_LEEWAY_BEFORE = timedelta(minutes=15)
ORDER_LEEWAY_AFTER = timedelta(minutes=30)
MIN_HALVED_WINDOW = 10 * FILTER_RESOLUTION

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A period of the vendor's history."""

    after: datetime
    before: datetime

    def overlaps(self, other: "TimeWindow") -> bool:
        """Tell whether the two windows have a moment in common."""
        return self.after <= other.before and other.after <= self.before

    def distance_to(self, moment: datetime) -> timedelta:
        """Return the time from the nearer end to the moment; zero where it lies inside."""
        return max(self.after - moment, moment - self.before, timedelta())

    @property
    def halves(self) -> "tuple[TimeWindow, ...]":
        """Return two halves that overlap a little; none where the window is too short to split."""
        middle = self.after + (self.before - self.after) / 2
        if self.before - self.after < MIN_HALVED_WINDOW:
            return ()
        return (
            TimeWindow(self.after, middle + FILTER_RESOLUTION),
            TimeWindow(middle - FILTER_RESOLUTION, self.before),
        )

    @property
    def filter(self) -> dict[str, str]:
        """Return the list's filter; the vendor requires RFC 3339 and both ends.

        Source: docs/vendor-contracts.md, section 1.7.
        """
        return {"created_after": _rfc3339(self.after), "created_before": _rfc3339(self.before)}


def windows_of_jobs(
    queries: Sequence[JobQuery], *, close_jobs_only: bool = False
) -> Iterator[tuple[TimeWindow, frozenset[str]]]:
    """Return the windows worth listing, each with the ids of its jobs.

    A job without a neighbour is in no window: polling it alone is as cheap. With
    `close_jobs_only`, only jobs accepted within a few seconds of each other are neighbours.
    """
    groups = _group_by_time(
        queries,
        lambda query: query.accepted_at,
        full_at=0 if close_jobs_only else FULL_GROUP_JOBS,
    )
    for group in groups:
        ids = frozenset(query.vendor_job_id for query in group)
        if len(ids) > 1:
            is_exact = all(query.is_vendor_clock for query in group)
            leeway = FILTER_RESOLUTION if is_exact else OUR_CLOCK_LEEWAY
            yield TimeWindow(group[0].accepted_at - leeway, group[-1].accepted_at + leeway), ids


def windows_of_orders(missing: Collection[MissingOrder]) -> Iterator[TimeWindow]:
    """Return the windows that hold every one of these orders that arrived."""
    for group in _group_by_time(missing, lambda order: order.sent_at):
        yield TimeWindow(
            group[0].sent_at - ORDER_LEEWAY_BEFORE, group[-1].sent_at + ORDER_LEEWAY_AFTER
        )


def window_of_order(order: MissingOrder) -> TimeWindow:
    """Return the window that holds this order if it arrived."""
    return TimeWindow(order.sent_at - ORDER_LEEWAY_BEFORE, order.sent_at + ORDER_LEEWAY_AFTER)


def _group_by_time(
    items: Collection[Item], time_of: Callable[[Item], datetime], *, full_at: int | None = None
) -> Iterator[list[Item]]:
    """Split items at long gaps; at short gaps, too, once a group has `full_at` items."""
    group: list[Item] = []
    for item in sorted(items, key=time_of):
        is_full = full_at is not None and len(group) >= full_at
        max_gap = MAX_GAP_AFTER_FULL_GROUP if is_full else MAX_GAP
        if group and time_of(item) - time_of(group[-1]) > max_gap:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

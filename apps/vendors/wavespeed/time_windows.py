"""Which stretches of WaveSpeedAI's history are worth listing.

The history may hold thousands of jobs, so that only the minutes around our own orders are listed.
Its clock is not ours: a window reaches further than any honest clock is off.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from apps.vendors.types import JobQuery, MissingOrder

# Jobs further apart than this share no window.
LULL = timedelta(minutes=10)
# So many fill a page of the list, more or less: who comes a while after them is worth a window of
# their own, or everything that nobody asks about in between is listed as well.
ENOUGH, GAP = 100, timedelta(seconds=2)
# For jobs whose id is known a miss costs one question more; for lost orders it may cost a second
# order.
LEEWAY = timedelta(minutes=3)
# where the vendor's own clock is known: the filter is written in whole seconds
LITTLE = timedelta(seconds=1)
EARLIER, LATER = timedelta(minutes=15), timedelta(minutes=30)
SHORTEST = 10 * LITTLE  # of the stretches that are parted where they hold too much

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A stretch of the vendor's history."""

    after: datetime
    before: datetime

    def meets(self, other: "TimeWindow") -> bool:
        """Tell whether the two have a moment in common."""
        return self.after <= other.before and other.after <= self.before

    def far_from(self, moment: datetime) -> timedelta:
        """Return how far the moment is from this stretch; nothing where it lies inside."""
        return max(self.after - moment, moment - self.before, timedelta())

    @property
    def halves(self) -> "tuple[TimeWindow, ...]":
        """Return the two halves, each a little longer than half; none where it is too short to be parted."""
        middle = self.after + (self.before - self.after) / 2
        if self.before - self.after < SHORTEST:
            return ()
        return TimeWindow(self.after, middle + LITTLE), TimeWindow(middle - LITTLE, self.before)

    @property
    def filter(self) -> dict[str, str]:
        """Return the list's filter; the vendor insists on RFC 3339 and on both ends.

        Source: docs/vendor-contracts.md, section 1.7.
        """
        return {"created_after": _rfc3339(self.after), "created_before": _rfc3339(self.before)}


def windows_of_jobs(
    asked: Sequence[JobQuery], *, close_jobs_only: bool = False
) -> Iterator[tuple[TimeWindow, frozenset[str]]]:
    """Return the windows worth listing with the jobs in them; a job that stands alone is in none.

    With `close_jobs_only` those stand alone that were not taken within a little while of each other.
    """
    for crowd in _crowds(asked, lambda one: one.taken_at, enough=0 if close_jobs_only else ENOUGH):
        ids = frozenset(one.vendor_job_id for one in crowd)
        if len(ids) > 1:
            leeway = LITTLE if all(one.is_vendor_clock for one in crowd) else LEEWAY
            yield TimeWindow(crowd[0].taken_at - leeway, crowd[-1].taken_at + leeway), ids


def windows_of_orders(missing: Collection[MissingOrder]) -> Iterator[TimeWindow]:
    """Return the windows in which orders must be that went out at these times, if they arrived."""
    for crowd in _crowds(missing, lambda one: one.sent_at):
        yield TimeWindow(crowd[0].sent_at - EARLIER, crowd[-1].sent_at + LATER)


def window_of(one: MissingOrder) -> TimeWindow:
    """Return the window in which this order must be, if it arrived."""
    return TimeWindow(one.sent_at - EARLIER, one.sent_at + LATER)


def _crowds(
    items: Collection[Item], moment: Callable[[Item], datetime], *, enough: int | None = None
) -> Iterator[list[Item]]:
    """Part items where time passes between one and the next: long, or a little once there are `enough` of them."""
    crowd: list[Item] = []
    for item in sorted(items, key=moment):
        lull = GAP if enough is not None and len(crowd) >= enough else LULL
        if crowd and moment(item) - moment(crowd[-1]) > lull:
            yield crowd
            crowd = []
        crowd.append(item)
    if crowd:
        yield crowd


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

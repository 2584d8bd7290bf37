"""Searching WaveSpeedAI's list for orders whose answer was lost.

A busy account makes more jobs in an hour than one search can read. So a window with many pages is
split into halves, and the minutes around each order are read first: nearly every order that arrived
is there. An order is reported as absent only after every page that could hold it was read.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from apps.vendors.http import HttpClient
from apps.vendors.types import MissingOrder, Report
from apps.vendors.wavespeed.history import (
    MAX_PARALLEL_PAGES,
    MAX_TOTAL_JOBS,
    History,
    ListedJob,
)
from apps.vendors.wavespeed.order_matching import ambiguous_references, match_orders
from apps.vendors.wavespeed.time_windows import TimeWindow, window_of_order, windows_of_orders

# More than the time limit of one search allows, and a limit all the same.
MAX_PAGES_PER_SEARCH = 600
# A window with more pages than this is split.
MAX_PAGES_PER_WINDOW = 12
# Nearly every order is listed within this time of its submission.
USUAL_LISTING_DELAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class UnreadWindow:
    """A window still to be read; `parent_pages` counts the pages of the window it is a half of."""

    window: TimeWindow
    parent_pages: int = MAX_TOTAL_JOBS

    def halves(self, history: History) -> "list[UnreadWindow]":
        """Return two halves of a window with many pages, else none.

        A half with as many pages as its parent is not split again: some lists ignore the filter.
        """
        pages = history.pages_read + history.pages_left
        is_crowded = history.pages_left and MAX_PAGES_PER_WINDOW < pages < self.parent_pages
        return [UnreadWindow(half, pages) for half in self.window.halves] if is_crowded else []


class OrderSearch:
    """One search for several orders."""

    def __init__(self, http: HttpClient, model: str, missing: Collection[MissingOrder]) -> None:
        self._http = http
        self._model = model
        self._missing = missing
        self._found: dict[str, ListedJob] = {}
        self._ambiguous: set[str] = set()
        self._to_read = [UnreadWindow(window) for window in windows_of_orders(missing)]
        self._incomplete: list[TimeWindow] = []
        self._pages_left = MAX_PAGES_PER_SEARCH

    async def results(self) -> AsyncIterator[Mapping[str, Report | None]]:
        """Read window after window, and yield everything known so far after each request."""
        while self._pages_left and (unread := self._pick_window()):
            history = History(self._http, self._model, unread.window)
            halves: list[UnreadWindow] = []
            while self._pages_left and history.pages_left and not halves:
                await self._fetch_pages(history)
                halves = unread.halves(history)
                yield self._known_orders()  # even if empty: it shows that the vendor answers
            self._to_read.remove(unread)
            self._to_read += halves
            if not halves and not history.is_read:
                self._incomplete.append(unread.window)
            yield self._known_orders()

    async def _fetch_pages(self, history: History) -> None:
        """Fetch the next pages of a window and match their jobs with the orders."""
        count = min(MAX_PARALLEL_PAGES, history.pages_left, self._pages_left)
        self._pages_left -= count
        jobs = await history.fetch_pages(count)
        self._ambiguous |= ambiguous_references(jobs.values(), self._missing)
        self._found = match_orders([*self._found.values(), *jobs.values()], self._missing)

    def _pick_window(self) -> UnreadWindow | None:
        """Return the window to read next: the minutes around each order first.

        After them come all windows of the first order, then all of the second, and so on.
        """
        candidates = [
            (distance > USUAL_LISTING_DELAY, number, distance, index)
            for number, order in enumerate(self._unmatched_orders())
            for index, unread in enumerate(self._to_read)
            if unread.window.overlaps(window_of_order(order))
            for distance in [unread.window.distance_to(order.sent_at)]
        ]
        if not candidates:
            return None
        *_, index = min(candidates)
        return self._to_read[index]

    def _unmatched_orders(self) -> Iterator[MissingOrder]:
        return (order for order in self._missing if order.reference not in self._found)

    def _known_orders(self) -> dict[str, Report | None]:
        """Return the orders found, and None for those that are certainly absent."""
        known: dict[str, Report | None] = {
            reference: job.report for reference, job in self._found.items()
        }
        windows = [unread.window for unread in self._to_read] + self._incomplete
        for order in self._unmatched_orders():
            may_be_listed = any(window.overlaps(window_of_order(order)) for window in windows)
            if not may_be_listed and order.reference not in self._ambiguous:
                known[order.reference] = None
        return known

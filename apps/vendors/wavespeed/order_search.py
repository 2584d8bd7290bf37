"""Searching WaveSpeedAI's list for orders whose answer was lost.

A busy key makes more jobs in an hour than one search can read. So a crowded stretch of the list is
read in halves, the minutes around each order first: what arrived is nearly always there. That an
order is not there is said only where every page on which it could be was read.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from apps.vendors.http import HttpClient
from apps.vendors.types import MissingOrder, Report
from apps.vendors.wavespeed.history import ENDLESS, PAGES_AT_ONCE, History, ListedJob
from apps.vendors.wavespeed.order_matching import ambiguous_references, match_orders
from apps.vendors.wavespeed.time_windows import TimeWindow, window_of, windows_of_orders

# Far more than the time of one search allows, and an end all the same.
MAX_PAGES_PER_SEARCH = 600
CROWDED = 12  # pages
NEAR = timedelta(minutes=2)  # nearly every order is in the list within this of when it left


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the history still to be read, and how many pages the part had of which it is a half."""

    window: TimeWindow
    within: int = ENDLESS

    def halves(self, history: History) -> "list[Stretch]":
        """Return the halves in which it is better read; none where it is not crowded.

        A half with as many pages as the whole may be no half: not every list minds the window.
        """
        pages = history.pages_read + history.pages_left
        is_crowded = history.pages_left and CROWDED < pages < self.within
        return [Stretch(half, pages) for half in self.window.halves] if is_crowded else []


class OrderSearch:
    """One search for several orders; `go` reads on and tells what is known so far."""

    def __init__(self, http: HttpClient, model: str, missing: Collection[MissingOrder]) -> None:
        self._http, self._model, self._missing = http, model, missing
        self._found: dict[str, ListedJob] = {}
        self._either: set[str] = set()
        self._ahead = [Stretch(window) for window in windows_of_orders(missing)]
        self._unread: list[TimeWindow] = []
        self._pages = MAX_PAGES_PER_SEARCH

    async def go(self) -> AsyncIterator[Mapping[str, Report | None]]:
        """Read one stretch after the other until nothing is open any more."""
        while self._pages and (stretch := self._next()):
            history = History(self._http, self._model, stretch.window)
            halves: list[Stretch] = []
            while self._pages and history.pages_left and not halves:
                await self._turn(history)
                halves = stretch.halves(history)
                yield self._known_orders()  # also where it is nothing: the vendor does answer
            self._ahead.remove(stretch)
            self._ahead += halves
            if not halves and not history.is_read:
                self._unread.append(stretch.window)
            yield self._known_orders()

    async def _turn(self, history: History) -> None:
        count = min(PAGES_AT_ONCE, history.pages_left, self._pages)
        self._pages -= count
        jobs = await history.fetch_pages(count)
        self._either |= ambiguous_references(jobs.values(), self._missing)
        self._found = match_orders([*self._found.values(), *jobs.values()], self._missing)

    def _next(self) -> Stretch | None:
        """Return what is to be read next: the minutes around each order, then all of the first one, and so on."""
        ways = [
            (far > NEAR, number, far, place)
            for number, one in enumerate(self._open())
            for place, stretch in enumerate(self._ahead)
            if stretch.window.meets(window_of(one))
            for far in [stretch.window.far_from(one.sent_at)]
        ]
        return self._ahead[min(ways)[-1]] if ways else None

    def _open(self) -> Iterator[MissingOrder]:
        return (one for one in self._missing if one.reference not in self._found)

    def _known_orders(self) -> dict[str, Report | None]:
        windows = [stretch.window for stretch in self._ahead] + self._unread
        known: dict[str, Report | None] = {
            reference: job.report for reference, job in self._found.items()
        }
        for one in self._open():
            if one.reference not in self._either and not any(
                window.meets(window_of(one)) for window in windows
            ):
                known[one.reference] = None
        return known

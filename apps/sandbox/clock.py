"""The sandbox's own time: the world's, and as far ahead of it as somebody has put it."""

import heapq
import itertools
import time
from collections.abc import Callable
from threading import Condition, Thread

from apps.sandbox.notes import Notes

Deed = Callable[[], None]


class Clock:
    """Tells the time, and does things when their time has come: quickly, in one thread of its own."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._ahead = float(notes.get("ahead", 0.0))
        self._changed = Condition()
        self._agenda: list[tuple[float, int, Deed]] = []
        self._numbers = itertools.count()
        self._stopping = False
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def ahead(self) -> float:
        """Return how many seconds the sandbox is ahead of the world."""
        return self._ahead

    def now(self) -> float:
        """Return the seconds since 1970, as far as the sandbox is concerned."""
        return time.time() + self._ahead

    def forward(self, seconds: float) -> None:
        """Put the clock ahead by so much more, for ever."""
        with self._changed:
            self._notes.keep("ahead", self._ahead + seconds)
            self._ahead += seconds
            self._changed.notify()

    def at(self, due: float, deed: Deed) -> None:
        """Do something when the time has come."""
        with self._changed:
            heapq.heappush(self._agenda, (due, next(self._numbers), deed))
            self._changed.notify()

    def start(self) -> None:
        """Let things happen."""
        self._thread.start()

    def stop(self) -> None:
        """Let nothing happen any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (deed := self._next()) is not None:
            deed()

    def _next(self) -> Deed | None:
        with self._changed:
            while not self._stopping:
                if self._agenda and self._agenda[0][0] <= self.now():
                    return heapq.heappop(self._agenda)[2]
                self._changed.wait(self._agenda[0][0] - self.now() if self._agenda else None)
        return None

"""The sandbox's own clock: real time plus an offset that tests move forward."""

import heapq
import itertools
import time
from collections.abc import Callable
from threading import Condition, Thread

from apps.sandbox.key_value import KeyValueStore

Action = Callable[[], None]


class Clock:
    """Tells the sandbox's time and runs short actions when they are due, in one thread."""

    def __init__(self, key_value: KeyValueStore) -> None:
        self._key_value = key_value
        self._ahead_seconds = float(key_value.get("ahead", 0.0))
        self._changed = Condition()
        self._agenda: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._is_stopping = False
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def ahead_seconds(self) -> float:
        """Return how far the sandbox's clock is ahead of real time."""
        return self._ahead_seconds

    def now(self) -> float:
        """Return the seconds since 1970 by the sandbox's clock."""
        return time.time() + self._ahead_seconds

    def forward(self, seconds: float) -> None:
        """Move the clock forward for good."""
        with self._changed:
            self._key_value.put("ahead", self._ahead_seconds + seconds)
            self._ahead_seconds += seconds
            self._changed.notify()

    def at(self, due: float, action: Action) -> None:
        """Run an action at a moment of the sandbox's clock."""
        with self._changed:
            heapq.heappush(self._agenda, (due, next(self._numbers), action))
            self._changed.notify()

    def start(self) -> None:
        """Start running due actions."""
        self._thread.start()

    def stop(self) -> None:
        """Stop running actions, and wait for the one that runs."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (action := self._wait_for_action()) is not None:
            action()

    def _wait_for_action(self) -> Action | None:
        with self._changed:
            while not self._is_stopping:
                if self._agenda and self._agenda[0][0] <= self.now():
                    return heapq.heappop(self._agenda)[2]
                self._changed.wait(self._agenda[0][0] - self.now() if self._agenda else None)
        return None

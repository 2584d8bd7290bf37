"""End a worker that receives no messages any more, so that its supervisor starts a new one.

Celery's consumer can lose its broker for ever: when Redis fails again during a reconnect, the
process waits without any connection. `make drill` has shown it. Every queue gets messages several
times a minute (CELERY_BEAT_SCHEDULE). So silence means that the connection is lost, unless all
slots of the worker are busy. The next worker finds the interrupted work in the database.
"""

import os
import time
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import structlog
from celery import bootsteps, signals
from celery.worker.state import active_requests
from django.conf import settings

log = structlog.get_logger(__name__)

EXIT_LOST_BROKER = 75  # EX_TEMPFAIL of sysexits.h
CHECKS_PER_SILENCE = 4


def has_lost_broker(
    silent_for: timedelta, *, is_busy: bool, silence: timedelta, longest: timedelta
) -> bool:
    """Tell whether a worker received nothing for too long; a busy one may take `longest` more."""
    return silent_for > silence + (longest if is_busy else timedelta())


class Watchdog(bootsteps.StartStopStep):
    """Watches one worker from its start to its end."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._last_message = time.monotonic()
        self._has_stopped = Event()
        self._longest = timedelta()

    def start(self, parent: Any) -> None:
        """Watch the messages that the worker receives."""
        limits = [task.time_limit or 0 for task in parent.app.tasks.values()]
        self._longest = timedelta(seconds=max(limits))
        self._last_message = time.monotonic()
        signals.task_received.connect(self._note, weak=False)
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self, parent: Any) -> None:
        """Stop watching: the worker is being stopped."""
        del parent
        self._has_stopped.set()

    def _note(self, **_: Any) -> None:
        self._last_message = time.monotonic()

    def _watch(self) -> None:
        interval = settings.SILENCE.total_seconds() / CHECKS_PER_SILENCE
        while not self._has_stopped.wait(interval):
            silent_for = timedelta(seconds=time.monotonic() - self._last_message)
            if has_lost_broker(
                silent_for,
                is_busy=bool(active_requests),
                silence=settings.SILENCE,
                longest=self._longest,
            ):
                log.warning("worker_lost_broker", seconds=round(silent_for.total_seconds()))
                os._exit(EXIT_LOST_BROKER)

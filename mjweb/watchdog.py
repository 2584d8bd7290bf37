"""Ends a worker that hears nothing any more, so that its supervisor starts a new one.

Celery's consumer can lose its broker for good: where Redis goes away again while the connection is
being made anew, the process lives on and waits for messages on no connection at all. `make drill`
has shown it. Every queue has messages several times a minute (CELERY_BEAT_SCHEDULE), so that
silence means deafness, unless every hand is full: then nothing is taken until one is free. What a
worker was doing is taken up again from the rows.
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

DEAF = 75  # the exit code, EX_TEMPFAIL of sysexits.h
CHECKS = 4  # looks within the silence that is allowed


def is_deaf(silent: timedelta, *, is_busy: bool, silence: timedelta, longest: timedelta) -> bool:
    """Tell whether a worker has heard nothing for longer than can be, `longest` being what a step may take."""
    return silent > silence + (longest if is_busy else timedelta())


class Watchdog(bootsteps.StartStopStep):
    """Watches over one worker from its start to its end."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._heard, self._over = time.monotonic(), Event()

    def start(self, parent: Any) -> None:
        """Begin to listen along."""
        del parent
        self._heard = time.monotonic()
        signals.task_received.connect(self._note, weak=False)
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self, parent: Any) -> None:
        """Let the worker end in peace."""
        del parent
        self._over.set()

    def _note(self, **_: Any) -> None:
        self._heard = time.monotonic()

    def _watch(self) -> None:
        longest = timedelta(seconds=max(limit for _queue, limit in settings.TASKS.values()))
        while not self._over.wait(settings.SILENCE.total_seconds() / CHECKS):
            silent = timedelta(seconds=time.monotonic() - self._heard)
            if is_deaf(
                silent, is_busy=bool(active_requests), silence=settings.SILENCE, longest=longest
            ):
                log.warning("worker_is_deaf", seconds=round(silent.total_seconds()))
                os._exit(DEAF)

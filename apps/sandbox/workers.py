"""The hands of the sandbox: threads that draw one job after the other, away from the HTTP loop."""

from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread

from apps.sandbox.clock import Clock
from apps.sandbox.jobs import Job
from apps.sandbox.making import InterruptedJob, Maker, Patience
from apps.sandbox.places import Places
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.store import Store

PATIENCE = 20.0


class Workers:
    """A line of jobs and some threads at its end; the line is a hint, the store is the truth."""

    def __init__(
        self, settings: SandboxSettings, store: Store, places: Places, clock: Clock
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._maker = Maker(store=store, places=places, clock=clock, draw=settings.draw)
        # An id is to be claimed; a job was claimed before, and put off until it is late enough.
        self._line: SimpleQueue[str | Job | None] = SimpleQueue()
        self._stopping = Event()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(settings.workers)]

    def start(self) -> None:
        """Take up what an earlier process left, then work."""
        for job_id in self._store.unfinished():
            self.put(job_id)
        for thread in self._threads:
            thread.start()

    def put(self, job_id: str) -> None:
        """Tell the workers of a job."""
        self._line.put(job_id)

    def stop(self) -> None:
        """Let every worker finish what it holds; what waits in line is taken up at the next start."""
        self._stopping.set()
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _work(self) -> None:
        while (next_one := self._line.get()) is not None and not self._stopping.is_set():
            if isinstance(next_one, Job):
                self._make(next_one)
            elif (
                job := self._store.claim(next_one, now=self._clock.now())
            ) and not self._is_put_off(job):
                self._make(job)

    def _make(self, job: Job) -> None:
        if self._stopping.wait(self._settings.min_seconds):
            return
        with suppress(InterruptedJob):
            self._maker.make(job, Patience(self._settings.patience, self._stopping))

    def _is_put_off(self, job: Job) -> bool:
        """Tell whether a job is not to be made yet, or never; it runs all the while, as far as anybody sees."""
        if late := job.called("late"):
            self._clock.at(job.born + late.number("seconds"), partial(self._line.put, job))
        return bool(late or job.called("stuck"))

"""Worker threads that draw one job after the other, outside the HTTP event loop."""

from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread

from apps.sandbox.clock import Clock
from apps.sandbox.job_runner import JobInterrupted, JobRunner, RetryWindow
from apps.sandbox.jobs import Job
from apps.sandbox.paths import Paths
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.store import Store

STOP_SECONDS = 20.0


class WorkerPool:
    """Threads with a queue of jobs; the queue is only a hint, the database decides."""

    def __init__(self, settings: SandboxSettings, store: Store, paths: Paths, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._runner = JobRunner(store=store, paths=paths, clock=clock, draw=settings.draw)
        # An id still has to be claimed; a Job was claimed before and is due only now.
        self._queue: SimpleQueue[str | Job | None] = SimpleQueue()
        self._stopping = Event()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(settings.workers)]

    def start(self) -> None:
        """Queue what an earlier process left, then work."""
        for job_id in self._store.requeue_unfinished():
            self.put(job_id)
        for thread in self._threads:
            thread.start()

    def put(self, job_id: str) -> None:
        """Queue a job."""
        self._queue.put(job_id)

    def stop(self) -> None:
        """Let every worker finish its job; waiting jobs run after the next start."""
        self._stopping.set()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None and not self._stopping.is_set():
            if isinstance(item, Job):
                self._run_job(item)
                continue
            job = self._store.claim(item, now=self._clock.now())
            if job and not self._is_postponed(job):
                self._run_job(job)

    def _run_job(self, job: Job) -> None:
        if self._stopping.wait(self._settings.min_seconds):
            return
        with suppress(JobInterrupted):
            self._runner.run(job, RetryWindow(self._settings.patience, self._stopping))

    def _is_postponed(self, job: Job) -> bool:
        """Return whether a fault postpones the job, and schedule it; answers show it as running."""
        if late := job.fault("late"):
            due = job.born + late.number("seconds")
            self._clock.at(due, partial(self._queue.put, job))
        return bool(late or job.fault("stuck"))

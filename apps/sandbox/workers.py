"""The hands of the sandbox: threads that draw one job after the other, away from the HTTP loop."""

from contextlib import suppress
from queue import SimpleQueue
from threading import Event, Thread

from apps.sandbox.making import InterruptedJob, Patience, make
from apps.sandbox.places import Places
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.store import Store

PATIENCE = 20.0


class Workers:
    """A line of job ids and some threads at its end; the line is a hint, the store is the truth."""

    def __init__(self, settings: SandboxSettings, store: Store, places: Places) -> None:
        self._settings, self._store, self._places = settings, store, places
        self._line: SimpleQueue[str | None] = SimpleQueue()
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
        while (job_id := self._line.get()) is not None and not self._stopping.is_set():
            job = self._store.claim(job_id)
            if job is None or self._stopping.wait(self._settings.min_seconds):
                continue
            patience = Patience(self._settings.patience, self._stopping)
            with suppress(InterruptedJob):
                make(self._store, job, self._places.clip_of(job.id), self._settings.draw, patience)

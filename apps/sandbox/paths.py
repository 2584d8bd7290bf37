"""The files in a sandbox's data folder."""

import fcntl
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths in the data folder of one sandbox."""

    root: Path

    @property
    def database(self) -> Path:
        """Return the SQLite file."""
        return self.root / "sandbox.sqlite3"

    @property
    def outputs(self) -> Path:
        """Return the folder of the clips."""
        return self.root / "outputs"

    def clip_of(self, job_id: str, number: int = 0) -> Path:
        """Return the file of one of a job's clips, counted from 0."""
        return self.outputs / job_id / f"{number}.mp4"

    def count_clips(self, job_id: str) -> int:
        """Return how many clips of a job are complete."""
        return len(list((self.outputs / job_id).glob("[0-9].mp4")))

    def remove(self, job_ids: Iterable[str]) -> None:
        """Delete the clips of jobs."""
        for job_id in job_ids:
            shutil.rmtree(self.outputs / job_id, ignore_errors=True)

    def upload(self, upload_id: str) -> Path:
        """Return the file of an upload."""
        return self.root / "uploads" / upload_id

    def lock(self) -> TextIOWrapper:
        """Lock the folder until the returned file is closed; exit where another sandbox has it."""
        self.outputs.mkdir(parents=True, exist_ok=True)
        lock = (self.root / "lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise SystemExit(f"A sandbox already works in {self.root}.") from None
        return lock

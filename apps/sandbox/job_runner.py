"""Turns an accepted order into clips or a failure; can be repeated from the start at any point."""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Event

from PIL import Image

from apps.core.errors import DomainError
from apps.core.outbound import FetchError, FetchTryLater, download
from apps.footage.rgb import upright
from apps.footage.video_reader import open_video
from apps.sandbox.clock import Clock
from apps.sandbox.fault_injection import without_fault_words
from apps.sandbox.faults import TASK_CODES
from apps.sandbox.jobs import Job
from apps.sandbox.paths import Paths
from apps.sandbox.settings import Draw
from apps.sandbox.store import Store
from apps.vendors.offer import Value

log = logging.getLogger(__name__)

# Task codes and the moderation text: docs/vendor-contracts.md, sections 1.6 and 1.3.
MODERATED = 1200
INVALID = 1401
UNFETCHABLE = 1402
EXECUTION_FAILED = 1403
# Crude on purpose: people can see what moderation looks like, and nobody is protected by it.
BANNED_WORDS = re.compile(r"\b(nude|nudity|naked|nsfw|porn\w*|gore)\b", re.IGNORECASE)
# The vendor's oldest upload limit for pictures (docs/vendor-contracts.md, section 1.8).
MAX_IMAGE_BYTES = 20 * 1000 * 1000
FETCH_TIMEOUT_SECONDS = 60
FETCH_PAUSE_SECONDS = 0.25


class TaskFailed(Exception):
    """The job ends without a clip: the vendor's task code, the final status, and the refund."""

    def __init__(
        self, code: int, message: str, *, status: str = "failed", refund: bool = True
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.refund = refund


class JobInterrupted(Exception):
    """The sandbox is stopping; the job runs again after the next start."""


class RetryWindow:
    """The time in which a job retries to fetch its image; it ends when the sandbox stops."""

    def __init__(self, seconds: float, stopping: Event) -> None:
        self._until = time.monotonic() + seconds
        self._stopping = stopping

    def wait_and_retry(self) -> bool:
        """Pause and return True, or return False when the time is over."""
        if time.monotonic() > self._until:
            return False
        if self._stopping.wait(FETCH_PAUSE_SECONDS):
            raise JobInterrupted
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunner:
    """Runs jobs with one drawing function."""

    store: Store
    paths: Paths
    clock: Clock
    draw: Draw

    def run(self, job: Job, window: RetryWindow) -> None:
        """Draw the clips of a claimed job and store how it ended; raise JobInterrupted."""
        started = time.monotonic()
        try:
            nsfw = self._draw_clips(job, window)
        except JobInterrupted:
            raise
        except TaskFailed as failure:
            self._end(job, failure)
        except Exception:  # whatever happens in drawing, the customer gets an answer and a refund
            log.exception("job %s could not be drawn", job.id)
            self._end(job, TaskFailed(EXECUTION_FAILED, "Execution failed"))
        else:
            spent_ms = round((time.monotonic() - started) * 1000)
            self.store.complete(job.id, nsfw=nsfw, inference_ms=spent_ms, now=self.clock.now())

    def _end(self, job: Job, failure: TaskFailed) -> None:
        self.store.end(
            job.id,
            status=failure.status,
            code=failure.code,
            error=str(failure),
            refund=failure.refund,
            now=self.clock.now(),
        )

    def _draw_clips(self, job: Job, window: RetryWindow) -> list[bool]:
        prompt = without_fault_words(str(job.drawing["prompt"]))
        _raise_injected_failure(job)
        if BANNED_WORDS.search(prompt):
            raise TaskFailed(MODERATED, TASK_CODES[MODERATED])
        picture = self._read_picture(job.drawing, window)
        words = without_fault_words(str(job.drawing.get("words", prompt)))
        drawing = {**job.drawing, "prompt": words}
        return [self._draw_clip(job, picture, drawing, number) for number in range(job.clips)]

    def _draw_clip(
        self, job: Job, picture: bytes, drawing: Mapping[str, Value], number: int
    ) -> bool:
        """Draw one clip from its own seed; the file appears only when it is complete."""
        clip = self.paths.clip_of(job.id, number)
        clip.parent.mkdir(parents=True, exist_ok=True)
        unfinished = clip.with_name(f"unfinished-{clip.name}")
        with_seed = {**drawing, "seed": int(drawing["seed"]) + number}
        try:
            nsfw = self.draw(picture, with_seed, unfinished, number)
        except DomainError as error:
            raise TaskFailed(INVALID, f"Invalid parameter image: {error}") from error
        else:
            unfinished.replace(clip)
        finally:
            unfinished.unlink(missing_ok=True)
        return nsfw

    def _read_picture(self, drawing: Mapping[str, Value], window: RetryWindow) -> bytes:
        """Return the first frame: the customer's picture, or the last frame of the parent clip."""
        if upload_id := drawing.get("upload"):
            return self.paths.upload(str(upload_id)).read_bytes()
        if parent_id := drawing.get("parent"):
            return last_frame(self.paths.clip_of(str(parent_id), int(drawing["index"])))
        return _fetch_with_retries(str(drawing["image"]), window)


def last_frame(clip: Path) -> bytes:
    """Return the last frame of a clip as a PNG."""
    with open_video(clip) as video:
        *_, last = video.frames()
    file = BytesIO()
    Image.fromarray(upright(last)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _raise_injected_failure(job: Job) -> None:
    for injected in job.faults:
        fault = injected.fault
        if fault.action != "fail":
            continue
        code = int(fault.options["code"])
        status = fault.options.get("status", "failed")
        message = TASK_CODES.get(code, f"Task {status}")
        raise TaskFailed(code, message, status=status, refund=not fault.is_charged)


def _fetch_with_retries(url: str, window: RetryWindow) -> bytes:
    """Return the image; a customer's server that is restarting is asked again."""
    while True:
        try:
            return _fetch(url)
        except FetchTryLater as error:
            if not window.wait_and_retry():
                raise _unfetchable(error) from error
        except FetchError as error:
            raise _unfetchable(error) from error


def _fetch(url: str) -> bytes:
    # Private addresses are allowed because customers of a sandbox live on loopback, too.
    picture = BytesIO()
    download(
        url,
        picture,
        max_bytes=MAX_IMAGE_BYTES,
        allow_private=True,
        timeout=FETCH_TIMEOUT_SECONDS,
    )
    return picture.getvalue()


def _unfetchable(error: FetchError) -> TaskFailed:
    return TaskFailed(UNFETCHABLE, f"Failed to fetch the image: {error}")

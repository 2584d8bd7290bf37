"""How an order becomes clips or a failure; safe to do again from the start at any point."""

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
from apps.sandbox.calling import without_words
from apps.sandbox.clock import Clock
from apps.sandbox.faults import TASK_CODES
from apps.sandbox.jobs import Job
from apps.sandbox.places import Places
from apps.sandbox.settings import Draw
from apps.sandbox.store import Store
from apps.vendors.types import Value

log = logging.getLogger(__name__)

# Task codes and the moderation text: vendor contracts 1.6 and 1.3.
MODERATED, INVALID, UNFETCHABLE, BROKEN = 1200, 1401, 1402, 1403
# On purpose crude: it lets people see what moderation looks like, it protects nobody.
BANNED = re.compile(r"\b(nude|nudity|naked|nsfw|porn\w*|gore)\b", re.IGNORECASE)
# the oldest upload limit of the vendor for pictures (contracts 1.8)
LARGEST_IMAGE = 20 * 1000 * 1000


class TaskFailed(Exception):
    """The job ends without a clip; carries the vendor's task code, how it ends, and whether money comes back."""

    def __init__(
        self, code: int, message: str, *, status: str = "failed", refund: bool = True
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.refund = code, status, refund


class InterruptedJob(Exception):
    """The sandbox is stopping; the job is taken up again at the next start."""


class Patience:
    """How long a job waits for its image's server: some seconds, but not while the sandbox stops."""

    def __init__(self, seconds: float, stopping: Event) -> None:
        self._until = time.monotonic() + seconds
        self._stopping = stopping

    def again(self) -> bool:
        """Pause, and say whether to try again."""
        if time.monotonic() > self._until:
            return False
        if self._stopping.wait(0.25):
            raise InterruptedJob
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Whoever makes jobs: where they are kept, what time it is, and who draws."""

    store: Store
    places: Places
    clock: Clock
    draw: Draw

    def make(self, job: Job, patience: Patience) -> None:
        """Make the clips of a claimed job, and write down how it ended; raise InterruptedJob if it didn't."""
        started = time.monotonic()
        try:
            nsfw = self._drawn(job, patience)
        except InterruptedJob:
            raise
        except TaskFailed as failure:
            self._end(job, failure)
        except (
            Exception
        ):  # whatever drawing stumbles over, the customer gets an answer and the money back
            log.exception("job %s could not be drawn", job.id)
            self._end(job, TaskFailed(BROKEN, "Execution failed"))
        else:
            spent = round((time.monotonic() - started) * 1000)
            self.store.complete(job.id, nsfw=nsfw, inference_ms=spent, now=self.clock.now())

    def _end(self, job: Job, failure: TaskFailed) -> None:
        self.store.end(
            job.id,
            status=failure.status,
            code=failure.code,
            error=str(failure),
            refund=failure.refund,
            now=self.clock.now(),
        )

    def _drawn(self, job: Job, patience: Patience) -> list[bool]:
        words = without_words(str(job.wish["prompt"]))
        _insist_on_going_well(job)
        if BANNED.search(words):
            raise TaskFailed(MODERATED, TASK_CODES[MODERATED])
        picture = self._picture(job.wish, patience)
        wish = {**job.wish, "prompt": without_words(str(job.wish.get("words", words)))}
        return [self._take(job, picture, wish, number) for number in range(job.clips)]

    def _take(self, job: Job, picture: bytes, wish: Mapping[str, Value], number: int) -> bool:
        """Draw one clip, each from a seed of its own; it is in its place only when all of it is there."""
        clip = self.places.clip_of(job.id, number)
        clip.parent.mkdir(parents=True, exist_ok=True)
        unfinished = clip.with_name(f"unfinished-{clip.name}")
        try:
            nsfw = self.draw(
                picture, {**wish, "seed": int(wish["seed"]) + number}, unfinished, number
            )
        except DomainError as error:
            raise TaskFailed(INVALID, f"Invalid parameter image: {error}") from error
        else:
            unfinished.replace(clip)
        finally:
            unfinished.unlink(missing_ok=True)
        return nsfw

    def _picture(self, wish: Mapping[str, Value], patience: Patience) -> bytes:
        """Return what the clip starts from: the customer's picture, or the end of a parent's clip."""
        if upload := wish.get("upload"):
            return self.places.upload(str(upload)).read_bytes()
        if parent := wish.get("parent"):
            return last_frame(self.places.clip_of(str(parent), int(wish["index"])))
        return _fetched(str(wish["image"]), patience)


def last_frame(clip: Path) -> bytes:
    """Return the picture a clip ends with."""
    with open_video(clip) as video:
        *_, last = video.frames()
    file = BytesIO()
    Image.fromarray(upright(last)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _insist_on_going_well(job: Job) -> None:
    for called in job.faults:
        if called.fault.act == "fail":
            code = int(called.fault.options["code"])
            status, refund = called.fault.options.get("status", "failed"), not called.fault.charged
            raise TaskFailed(
                code, TASK_CODES.get(code, f"Task {status}"), status=status, refund=refund
            )


def _fetched(image: str, patience: Patience) -> bytes:
    """Fetch the image, patiently: a customer that is just restarting is back in a moment."""
    while True:
        try:
            return _fetched_now(image)
        except FetchTryLater as error:
            if not patience.again():
                raise _unfetchable(error) from error
        except FetchError as error:
            raise _unfetchable(error) from error


def _fetched_now(image: str) -> bytes:
    # The sandbox lives on loopback, so its customers do too.
    picture = BytesIO()
    download(image, picture, max_bytes=LARGEST_IMAGE, allow_private=True, timeout=60)
    return picture.getvalue()


def _unfetchable(error: FetchError) -> TaskFailed:
    return TaskFailed(UNFETCHABLE, f"Failed to fetch the image: {error}")

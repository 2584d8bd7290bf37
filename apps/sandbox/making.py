"""How an order becomes a clip or a failure; safe to do again from the start at any point."""

import logging
import os
import re
import time
from io import BytesIO
from pathlib import Path
from threading import Event

from apps.core.errors import DomainError
from apps.core.outbound import FetchError, FetchTryLater, download
from apps.sandbox.settings import Draw
from apps.sandbox.store import Job, Store

log = logging.getLogger(__name__)

# Task codes and the moderation text: vendor contracts 1.6 and 1.3.
MODERATED, INVALID, UNFETCHABLE, BROKEN = 1200, 1401, 1402, 1403
FLAGGED = "Content flagged as potentially sensitive"
# On purpose crude: it lets people see what moderation looks like, it protects nobody.
BANNED = re.compile(r"\b(nude|nudity|naked|nsfw|porn\w*|gore)\b", re.IGNORECASE)
LARGEST_IMAGE = 20 * 1000 * 1000  # the oldest upload limit of the vendor for pictures (contracts 1.8)


class TaskFailed(Exception):
    """The job ends without a clip; carries the vendor's task code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


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


def make(store: Store, job: Job, clip: Path, draw: Draw, patience: Patience) -> None:
    """Make the clip of a job that was claimed, and write down how it ended; raise InterruptedJob if it didn't."""
    started = time.monotonic()
    try:
        nsfw = _drawn(job, clip, draw, patience)
    except InterruptedJob:
        raise
    except TaskFailed as failure:
        store.fail(job.id, code=failure.code, error=str(failure))
    except Exception:  # whatever drawing stumbles over, the customer gets an answer and the money back
        log.exception("job %s could not be drawn", job.id)
        store.fail(job.id, code=BROKEN, error="Execution failed")
    else:
        store.complete(job.id, nsfw=nsfw, inference_ms=round((time.monotonic() - started) * 1000))


def _drawn(job: Job, clip: Path, draw: Draw, patience: Patience) -> bool:
    if BANNED.search(str(job.input["prompt"])):
        raise TaskFailed(MODERATED, FLAGGED)
    picture = _fetched(str(job.input["image"]), patience)
    clip.parent.mkdir(parents=True, exist_ok=True)
    unfinished = clip.with_name(f"unfinished-{clip.name}")
    try:
        nsfw = draw(picture, job.input, unfinished)
    except DomainError as error:
        raise TaskFailed(INVALID, f"Invalid parameter image: {error}") from error
    else:
        _keep(unfinished, clip)
    finally:
        unfinished.unlink(missing_ok=True)
    return nsfw


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


def _keep(unfinished: Path, clip: Path) -> None:
    """Put the clip in its place only when all of it is on the disk."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(clip)

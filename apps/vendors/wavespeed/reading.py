"""WaveSpeedAI's good answers in our words: its prediction becomes our Receipt or Report."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import zip_longest

from apps.vendors.types import Output, Progress, Receipt, Report
from apps.vendors.wavespeed.answers import Answer

# Contracts 1.5: the page's four words, then those the vendor's own SDK and command line know.
PROGRESS = {
    "created": Progress.WAITING,
    "processing": Progress.RUNNING,
    "completed": Progress.DONE,
    "failed": Progress.FAILED,
    "pending": Progress.WAITING,
    "cancelled": Progress.CANCELLED,
    "timeout": Progress.FAILED,
    "deleted": Progress.FAILED,
}
MODERATED = 1200
# Contracts 1.6: codes of a task that failed. Where the vendor gives no text, the code still says why.
REASONS = {
    MODERATED: "Content flagged by moderation",
    1400: "Missing parameter",
    1401: "Invalid parameter",
    1402: "The vendor could not fetch the image",
    1403: "Execution failed",
    1405: "Task failed",
    5000: "Internal error",
    5003: "Service unavailable",
    5004: "Timeout",
}
JOB_ID = re.compile(r"[\x21-\x7e]{1,200}")
BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}")
# Far past any honest answer, and no more than our rows hold: one order makes one clip, at most a handful.
LONGEST_STATUS = 100
LONGEST_INFERENCE = 2**31 - 1
MOST_OUTPUTS = 16


def receipt_of(answer: Answer) -> Receipt | None:
    """Return the receipt in an answer to an order, or None where it cannot be found."""
    job = answer.prediction
    job_id = job.get("id")
    if not isinstance(job_id, str) or not JOB_ID.fullmatch(job_id):
        return None
    return Receipt(vendor_job_id=job_id, vendor_word=answer.clean(job.get("status"))[:LONGEST_STATUS])


def report_of(answer: Answer) -> Report | None:
    """Return how the job is doing, or None where the answer is not about a job."""
    job = answer.prediction
    if not isinstance(job.get("status"), str):
        return None
    word = answer.clean(job["status"])[:LONGEST_STATUS]
    code = _whole(job.get("code"))
    progress = _progress(word, code)
    return Report(
        progress=progress,
        vendor_word=word,
        outputs=tuple(_outputs(job)) if progress is Progress.DONE else (),
        reason=answer.clean(job.get("error")) or _reason(progress, code),
        code=code,
        inference_ms=_milliseconds(job),
        created_at=_moment(job.get("created_at")),
    )


def _progress(word: str, code: int | None) -> Progress:
    progress = PROGRESS.get(word.strip().lower(), Progress.UNKNOWN)
    if progress is Progress.FAILED and code == MODERATED:
        return Progress.MODERATED
    return progress


def _reason(progress: Progress, code: int | None) -> str:
    failed = progress in {Progress.FAILED, Progress.MODERATED}
    return REASONS.get(code, "") if failed and code is not None else ""


def _outputs(job: Mapping[str, object]) -> Iterator[Output]:
    """Pair clips with their flags; the flags may be null or too few, the clips are what counts (7.3)."""
    clips = _array(job.get("outputs"))[:MOST_OUTPUTS]
    flags = _array(job.get("has_nsfw_contents"))
    for clip, flag in zip_longest(clips, flags[: len(clips)]):
        if isinstance(clip, str) and clip and clip.isprintable():
            yield Output(url=_address(clip), nsfw=flag if isinstance(flag, bool) else None)


def _address(clip: str) -> str:
    """Give a clip that came as naked base64 (contracts 1.9) the address it would have."""
    return f"data:video/mp4;base64,{clip}" if BASE64.fullmatch(clip) else clip


def _array(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _whole(value: object) -> int | None:
    return value if type(value) is int else None


def _milliseconds(job: Mapping[str, object]) -> int | None:
    timings = job.get("timings")
    spent = timings.get("inference") if isinstance(timings, dict) else None
    whole = _whole(spent)
    return whole if whole is not None and 0 <= whole <= LONGEST_INFERENCE else None


def _moment(value: object) -> datetime | None:
    """Read a time with any number of digits after the second; Python keeps six (contracts 7.2)."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None:
            return moment and moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

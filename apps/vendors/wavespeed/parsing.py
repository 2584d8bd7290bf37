"""WaveSpeedAI's good answers in our words: its prediction becomes our Receipt or Report."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import zip_longest

from apps.vendors.http import Answer, clean_text, valid_job_id
from apps.vendors.types import Output, Progress, Receipt, Report
from apps.vendors.wavespeed.answers import Fields, fields, job_in

# Whoever deletes a job is not given its money back: only failures are (docs/vendor-contracts.md,
# section 1.6).
DELETED = "deleted"
# Contracts 1.5: the page's four words, then those the vendor's own SDK and command line know.
PROGRESS = {
    "created": Progress.WAITING,
    "processing": Progress.RUNNING,
    "completed": Progress.DONE,
    "failed": Progress.FAILED,
    "pending": Progress.WAITING,
    "cancelled": Progress.CANCELLED,
    "timeout": Progress.FAILED,
    DELETED: Progress.FAILED,
}
MODERATED = 1200
# Contracts 1.6: codes of a task that failed. Where the vendor gives no text, the code still says
# why.
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
# What the classes of these codes (docs/vendor-contracts.md, section 1.6) mean for whoever ordered.
ADVICE = {
    **dict.fromkeys((1400, 1401), "Check the settings, then order it anew."),
    1402: "Upload the image again, or use another one.",
    **dict.fromkeys(
        (1403, 1405, 5000, 5003, 5004), "That is the vendor's own trouble; trying again may help."
    ),
}
EARLIEST, LATEST = 2000, 9000  # years; no window of the list reaches beyond what a calendar holds
BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}")
# Far past any honest answer, and no more than our rows hold: one order makes one clip, at most a
# handful.
MAX_STATUS_CHARACTERS = 100
MAX_INTEGER = 2**31 - 1
MAX_OUTPUTS = 16

Clean = Callable[[object], str]


def receipt_of(answer: Answer) -> Receipt | None:
    """Return the receipt in an answer to an order, or None where it cannot be found."""
    job = job_in(answer.json)
    job_id = job_id_of(job, answer.clean_text)
    if not job_id:
        return None
    created_at = _moment(job.get("created_at"))
    return Receipt(
        vendor_job_id=job_id, vendor_word=word_of(job, answer.clean_text), created_at=created_at
    )


def report_of(job: Fields, clean_text: Clean) -> Report | None:
    """Return how a job is doing, or None where this is not about a job."""
    if not isinstance(job.get("status"), str):
        return None
    word, code = word_of(job, clean_text), _whole(job.get("code"))
    progress = _progress(word, code)
    return Report(
        progress=progress,
        vendor_word=word,
        vendor_job_id=job_id_of(job, clean_text),
        outputs=tuple(_outputs(job)) if progress is Progress.DONE else (),
        reason=clean_text(job.get("error")) or _reason(progress, code),
        advice=ADVICE.get(code or 0, "") if progress is Progress.FAILED else "",
        code=code,
        inference_ms=_milliseconds(job),
        created_at=_moment(job.get("created_at")),
        is_charge_kept=word.strip().lower() == DELETED,
        image_url=clean_text(image_of(job)),
    )


def job_id_of(job: Fields, clean_text: Clean = clean_text) -> str:
    """Return the vendor's id of a job, or nothing where it is no id."""
    return valid_job_id(job.get("id"), clean_text)


def word_of(job: Fields, clean_text: Clean) -> str:
    """Return the vendor's own status word, no longer than our rows hold."""
    return clean_text(job.get("status"))[:MAX_STATUS_CHARACTERS]


def image_of(job: Fields) -> str:
    """Return the image's address as the order gave it; the vendor's own tool reads either name for the inputs."""
    for name in ("input", "inputs"):
        if isinstance(image := fields(job.get(name)).get("image"), str):
            return image
    return ""


def progress_in(word: str) -> Progress:
    """Return what a status means by its word alone."""
    return PROGRESS.get(word.strip().lower(), Progress.UNKNOWN)


def _progress(word: str, code: int | None) -> Progress:
    progress = progress_in(word)
    if progress is Progress.FAILED and code == MODERATED:
        return Progress.MODERATED
    return progress


def _reason(progress: Progress, code: int | None) -> str:
    failed = progress in {Progress.FAILED, Progress.MODERATED}
    return REASONS.get(code, "") if failed and code is not None else ""


def _outputs(job: Fields) -> Iterator[Output]:
    """Pair clips with their flags; the flags may be null or too few, the clips are what counts (7.3)."""
    clips = _array(job.get("outputs"))[:MAX_OUTPUTS]
    flags = _array(job.get("has_nsfw_contents"))
    for clip, flag in zip_longest(clips, flags[: len(clips)]):
        if isinstance(clip, str) and clip and clip.isprintable():
            yield Output(url=_address(clip), nsfw=flag if isinstance(flag, bool) else None)


def _address(clip: str) -> str:
    """Give a clip that came as naked base64 (docs/vendor-contracts.md, section 1.9) the address it would have."""
    return f"data:video/mp4;base64,{clip}" if BASE64.fullmatch(clip) else clip


def _array(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _whole(value: object) -> int | None:
    return value if type(value) is int and abs(value) <= MAX_INTEGER else None


def _milliseconds(job: Fields) -> int | None:
    whole = _whole(fields(job.get("timings")).get("inference"))
    return whole if whole is not None and whole >= 0 else None


def _moment(value: object) -> datetime | None:
    """Read a time with any number of digits after the second; Python keeps six.

    Source: docs/vendor-contracts.md, section 7, trap 2.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        # Go writes year 1 for no time at all
        if moment is None or not EARLIEST < moment.year < LATEST:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

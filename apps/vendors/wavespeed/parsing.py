"""Parses WaveSpeedAI's successful answers: a prediction becomes a Receipt or a Report."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import zip_longest

from apps.vendors.http import Answer, clean_text, valid_job_id
from apps.vendors.types import Output, Progress, Receipt, Report
from apps.vendors.wavespeed.answers import Fields, fields, job_in

# A deleted job is not refunded, only a failed one (docs/vendor-contracts.md, section 1.6).
DELETED_STATUS = "deleted"
# The four documented statuses, then those of the vendor's own SDK and command line
# (docs/vendor-contracts.md, section 1.5).
PROGRESS_BY_STATUS = {
    "created": Progress.WAITING,
    "processing": Progress.RUNNING,
    "completed": Progress.DONE,
    "failed": Progress.FAILED,
    "pending": Progress.WAITING,
    "cancelled": Progress.CANCELLED,
    "timeout": Progress.FAILED,
    DELETED_STATUS: Progress.FAILED,
}
MODERATED_CODE = 1200
# Codes of failed tasks, for answers without a text (docs/vendor-contracts.md, section 1.6).
REASON_BY_CODE = {
    MODERATED_CODE: "Content flagged by moderation",
    1400: "Missing parameter",
    1401: "Invalid parameter",
    1402: "The vendor could not fetch the image",
    1403: "Execution failed",
    1405: "Task failed",
    5000: "Internal error",
    5003: "Service unavailable",
    5004: "Timeout",
}
# What a person can do about these codes (docs/vendor-contracts.md, section 1.6).
ADVICE_BY_CODE = {
    **dict.fromkeys((1400, 1401), "Check the settings, then order it anew."),
    1402: "Upload the image again, or use another one.",
    **dict.fromkeys(
        (1403, 1405, 5000, 5003, 5004), "That is the vendor's own trouble; trying again may help."
    ),
}
# Times outside these years are no times: windows around them could leave Python's calendar.
MIN_YEAR, MAX_YEAR = 2000, 9000
BARE_BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}")
# Limits beyond any correct answer, so that every value fits into our tables.
MAX_STATUS_CHARACTERS = 100
MAX_INTEGER = 2**31 - 1
MAX_OUTPUTS = 16

TextCleaner = Callable[[object], str]


def receipt_of(answer: Answer) -> Receipt | None:
    """Return the receipt in an answer to an order, or None where there is none."""
    job = job_in(answer.json)
    job_id = job_id_of(job, answer.clean_text)
    if not job_id:
        return None
    created_at = _parse_time(job.get("created_at"))
    return Receipt(
        vendor_job_id=job_id, vendor_status=status_of(job, answer.clean_text), created_at=created_at
    )


def report_of(job: Fields, clean_text: TextCleaner) -> Report | None:
    """Return the report of a job, or None where this is no job."""
    if not isinstance(job.get("status"), str):
        return None
    status = status_of(job, clean_text)
    code = _parse_int(job.get("code"))
    progress = _progress_of_job(status, code)
    return Report(
        progress=progress,
        vendor_status=status,
        vendor_job_id=job_id_of(job, clean_text),
        outputs=tuple(_outputs(job)) if progress is Progress.DONE else (),
        reason=clean_text(job.get("error")) or _reason_for_code(progress, code),
        advice=ADVICE_BY_CODE.get(code or 0, "") if progress is Progress.FAILED else "",
        code=code,
        inference_ms=_inference_ms(job),
        created_at=_parse_time(job.get("created_at")),
        is_charge_kept=status.strip().lower() == DELETED_STATUS,
        image_url=clean_text(image_of(job)),
    )


def job_id_of(job: Fields, clean_text: TextCleaner = clean_text) -> str:
    """Return the vendor's id of a job; "" where it is no valid id."""
    return valid_job_id(job.get("id"), clean_text)


def status_of(job: Fields, clean_text: TextCleaner) -> str:
    """Return the vendor's status, cut to the length of our column."""
    return clean_text(job.get("status"))[:MAX_STATUS_CHARACTERS]


def image_of(job: Fields) -> str:
    """Return the image's address in the order; the vendor uses both names for the inputs."""
    for name in ("input", "inputs"):
        if isinstance(image := fields(job.get(name)).get("image"), str):
            return image
    return ""


def progress_of(status: str) -> Progress:
    """Return the progress that a status means."""
    return PROGRESS_BY_STATUS.get(status.strip().lower(), Progress.UNKNOWN)


def _progress_of_job(status: str, code: int | None) -> Progress:
    progress = progress_of(status)
    if progress is Progress.FAILED and code == MODERATED_CODE:
        return Progress.MODERATED
    return progress


def _reason_for_code(progress: Progress, code: int | None) -> str:
    failed = progress in {Progress.FAILED, Progress.MODERATED}
    return REASON_BY_CODE.get(code, "") if failed and code is not None else ""


def _outputs(job: Fields) -> Iterator[Output]:
    """Return the clips with their NSFW flags, which may be null or too few.

    Source: docs/vendor-contracts.md, section 7, trap 3.
    """
    clips = _as_list(job.get("outputs"))[:MAX_OUTPUTS]
    flags = _as_list(job.get("has_nsfw_contents"))
    for clip, flag in zip_longest(clips, flags[: len(clips)]):
        if isinstance(clip, str) and clip and clip.isprintable():
            yield Output(url=_url_of(clip), nsfw=flag if isinstance(flag, bool) else None)


def _url_of(clip: str) -> str:
    """Return a clip's address; bare base64 becomes a data address.

    Source: docs/vendor-contracts.md, section 1.9.
    """
    return f"data:video/mp4;base64,{clip}" if BARE_BASE64.fullmatch(clip) else clip


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _parse_int(value: object) -> int | None:
    return value if type(value) is int and abs(value) <= MAX_INTEGER else None


def _inference_ms(job: Fields) -> int | None:
    duration = _parse_int(fields(job.get("timings")).get("inference"))
    return duration if duration is not None and duration >= 0 else None


def _parse_time(value: object) -> datetime | None:
    """Return a time, with any number of digits after the second; Python keeps six.

    Source: docs/vendor-contracts.md, section 7, trap 2.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        # Go writes year 1 for a time that was never set.
        if moment is None or not MIN_YEAR < moment.year < MAX_YEAR:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

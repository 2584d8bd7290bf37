"""Parses CometAPI's successful answers: a task becomes a Receipt or a Report.

Source: docs/vendor-contracts.md, sections 3.3 and 3.4.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from apps.vendors.comet.answers import code_of, id_of, parse_int, results_of
from apps.vendors.comet.answers_to_errors import MODERATION_TEXT
from apps.vendors.http import Answer
from apps.vendors.types import Output, Progress, Receipt, Report

# The statuses of both proxies, some of which only one has (docs/vendor-contracts.md, section 6, row
# 19). A new task has an empty one.
MODAL_STATUS = "modal"
PROGRESS_BY_STATUS = {
    "": Progress.WAITING,
    "not_start": Progress.WAITING,
    "submitted": Progress.WAITING,
    "in_progress": Progress.RUNNING,
    "success": Progress.DONE,
    "failure": Progress.FAILED,
    MODAL_STATUS: Progress.FAILED,
    "cancel": Progress.CANCELLED,
}
STATUS_BY_ACCEPTED_CODE = {1: "submitted", 21: "already exists", 22: "queued"}
NEEDS_CONFIRMATION = "Midjourney needs a confirmation that cannot be given from here."
# The reason of a stopped task, whose status is FAILURE (docs/vendor-contracts.md, section 3.6).
STOPPED_REASON = "取消任务"
PERCENT = re.compile(r"(\d{1,3})(?:\.\d*)?\s*%?")
MAX_PERCENT_CHARACTERS = 20  # the pattern would take very long on a very long text
PICTURE_PATH = re.compile(r"\.(png|jpe?g|webp|gif|avif|heic|bmp)$", re.IGNORECASE)
VIDEO_PATH = re.compile(r"\.(mp4|m4v|mov|webm)$", re.IGNORECASE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Limits beyond any correct answer, so that every value fits into our tables.
MIN_EPOCH_MS, MAX_EPOCH_MS = 946_684_800_000, 253_402_300_799_999
MAX_INFERENCE_MS = 2**31 - 1
MAX_STATUS_CHARACTERS = 100
MAX_REFERENCE_CHARACTERS = 255  # docs/vendor-contracts.md, section 3.2, `state`
MAX_URL_CHARACTERS = 4000
MAX_OUTPUTS = 16


def receipt_of(answer: Answer) -> Receipt | None:
    """Return the receipt in an answer to an order, or None where there is none.

    With code 21 the id may belong to another job of ours: the proxy had the same order before. A
    gateway may even replace 21 by 1. The caller must make sure that no two jobs share an id.
    """
    results, status = results_of(answer), STATUS_BY_ACCEPTED_CODE.get(code_of(answer) or 0)
    if not answer.is_success or status is None or len(results) != 1:
        return None
    job_id = id_of(results[0], answer.clean_text)
    return Receipt(vendor_job_id=job_id, vendor_status=status) if job_id else None


def uploaded_url_of(answer: Answer) -> str:
    """Return the address of an uploaded image, the first of an array; "" where there is none."""
    if not answer.is_success or code_of(answer) not in STATUS_BY_ACCEPTED_CODE:
        return ""
    return next(iter(_urls_in(results_of(answer))), "")


def report_of(answer: Answer, task: object) -> Report | None:
    """Return the report of one job, or None where this is no job."""
    job_id, status = _identity(task, answer)
    if not isinstance(task, dict) or not job_id or status is None:
        return None
    status = answer.clean_text(status)[:MAX_STATUS_CHARACTERS]
    reason = answer.clean_text(task.get("failReason")).strip()
    progress = _progress_of_task(status, reason)
    return Report(
        progress=progress,
        vendor_status=status,
        vendor_job_id=job_id,
        outputs=_outputs(task) if progress is Progress.DONE else (),
        reason=reason or (NEEDS_CONFIRMATION if status.strip().lower() == MODAL_STATUS else ""),
        # The gateway refunds tasks that end as FAILURE (docs/vendor-contracts.md, section 3.3);
        # there, this task has not ended.
        is_charge_kept=status.strip().lower() == MODAL_STATUS,
        percent=_percent(task.get("progress")),
        inference_ms=_inference_ms(task),
        created_at=_parse_time(task.get("submitTime")),
        reference=answer.clean_text(task.get("state"))[:MAX_REFERENCE_CHARACTERS],
    )


def _identity(task: object, answer: Answer) -> tuple[str, str | None]:
    """Return a task's id and status; a null status is "", that of a new task; no task has None."""
    status = task.get("status", False) if isinstance(task, dict) else False
    if not isinstance(task, dict) or isinstance(status, bool | dict | list):
        return "", None
    return id_of(task.get("id"), answer.clean_text), "" if status is None else str(status)


def progress_of(status: str) -> Progress:
    """Return the progress that a status means."""
    return PROGRESS_BY_STATUS.get(status.strip().lower(), Progress.UNKNOWN)


def _progress_of_task(status: str, reason: str) -> Progress:
    progress = progress_of(status)
    if progress is Progress.FAILED and STOPPED_REASON in reason:
        return Progress.CANCELLED
    if progress is Progress.FAILED and MODERATION_TEXT.search(reason):
        return Progress.MODERATED
    return progress


def _outputs(task: Mapping[str, object]) -> tuple[Output, ...]:
    """Return the clips; their NSFW flag is unknown (docs/vendor-contracts.md, section 7, trap 16).

    `videoUrls` comes first. trueai writes all clips into `imageUrls` as well, which helps where
    `videoUrls` is empty. `videoUrl` is the first clip alone. `imageUrl` is a clip on trueai and a
    preview elsewhere (trap 15), so it is the last resort, and only without a picture's extension.
    """
    in_image_urls = _urls_in(_parse_list(task, "imageUrls"))
    in_image_url = _urls_in([task.get("imageUrl")])
    clips = (
        _urls_in(_parse_list(task, "videoUrls"))
        or [url for url in in_image_urls if VIDEO_PATH.search(urlsplit(url).path)]
        or _urls_in([task.get("videoUrl")])
        or [url for url in in_image_url if not PICTURE_PATH.search(urlsplit(url).path)]
    )
    return tuple(Output(url=clip) for clip in clips[:MAX_OUTPUTS])


def _parse_list(task: Mapping[str, object], name: str) -> list[object]:
    """Return an array of a task, or an empty one; some gateways store arrays as JSON texts."""
    value = task.get(name)
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return value if isinstance(value, list) else []


def _urls_in(values: Iterable[object]) -> list[str]:
    """Return the distinct addresses among texts and objects with a `url`, in their order."""
    found: dict[str, None] = {}
    for value in values:
        text = value.get("url") if isinstance(value, dict) else value
        if isinstance(text, str) and _is_url(text.strip()):
            found[text.strip()] = None
    return list(found)


def _is_url(text: str) -> bool:
    if len(text) > MAX_URL_CHARACTERS or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _percent(value: object) -> int | None:
    """Return the percentage in "58%" or 58 (docs/vendor-contracts.md, section 7, trap 12)."""
    text = str(value).strip() if isinstance(value, str) or type(value) in {int, float} else ""
    match = PERCENT.fullmatch(text) if len(text) <= MAX_PERCENT_CHARACTERS else None
    percent = int(match[1]) if match else None
    return percent if percent is not None and percent <= 100 else None


def _inference_ms(task: Mapping[str, object]) -> int | None:
    """Return the duration between start and finish: no field has it."""
    start, finish = parse_int(task.get("startTime")), parse_int(task.get("finishTime"))
    if not start or not finish or start < 0:
        return None
    spent = finish - start
    return spent if 0 <= spent <= MAX_INFERENCE_MS else None


def _parse_time(value: object) -> datetime | None:
    milliseconds = parse_int(value)
    # The lower limit excludes times in seconds, which would be in 1970.
    if milliseconds is None or not MIN_EPOCH_MS < milliseconds <= MAX_EPOCH_MS:
        return None
    return EPOCH + timedelta(milliseconds=milliseconds)

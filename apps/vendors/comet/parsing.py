"""CometAPI's good answers in our words: its task becomes our Receipt or Report.

Source: docs/vendor-contracts.md, sections 3.3 and 3.4.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from apps.vendors.comet.answers import code_of, id_of, results_of, whole
from apps.vendors.comet.answers_to_errors import MODERATION_TEXT
from apps.vendors.http import Answer
from apps.vendors.types import Output, Progress, Receipt, Report

# Both proxies' words, and those only one of them has (docs/vendor-contracts.md, section 6, row 19).
# A fresh task has none at all.
MODAL = "modal"
PROGRESS = {
    "": Progress.WAITING,
    "not_start": Progress.WAITING,
    "submitted": Progress.WAITING,
    "in_progress": Progress.RUNNING,
    "success": Progress.DONE,
    "failure": Progress.FAILED,
    MODAL: Progress.FAILED,
    "cancel": Progress.CANCELLED,
}
ACCEPTED_WORDS = {1: "submitted", 21: "already exists", 22: "queued"}
NEEDS_CONFIRMATION = "Midjourney needs a confirmation that cannot be given from here."
# the reason of a task that somebody stopped; its status is FAILURE (docs/vendor-contracts.md,
# section 3.6)
STOPPED = "取消任务"
PERCENT = re.compile(r"(\d{1,3})(?:\.\d*)?\s*%?")
MAX_PERCENT_CHARACTERS = 20  # characters; on what has no end, a pattern may search for ever
PICTURE = re.compile(r"\.(png|jpe?g|webp|gif|avif|heic|bmp)$", re.IGNORECASE)
VIDEO = re.compile(r"\.(mp4|m4v|mov|webm)$", re.IGNORECASE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Far past any honest answer, and no more than our rows hold.
FIRST_MOMENT, LAST_MOMENT = 946_684_800_000, 253_402_300_799_999
MAX_INFERENCE_MS = 2**31 - 1
MAX_STATUS_CHARACTERS = 100
MAX_REFERENCE_CHARACTERS = 255  # docs/vendor-contracts.md, section 3.2, `state`
MAX_URL_CHARACTERS = 4000
MAX_OUTPUTS = 16


def receipt_of(answer: Answer) -> Receipt | None:
    """Return the receipt in an answer to an order, or None where it cannot be found.

    With code 21 the id may belong to another job of ours, as the proxy saw the same order before; a
    gateway may even write 1 over 21. Whoever keeps receipts has to hold their ids unique.
    """
    results, word = results_of(answer), ACCEPTED_WORDS.get(code_of(answer) or 0)
    if not answer.is_success or word is None or len(results) != 1:
        return None
    job_id = id_of(results[0], answer.clean_text)
    return Receipt(vendor_job_id=job_id, vendor_word=word) if job_id else None


def address_of(answer: Answer) -> str:
    """Return the address of a picture we handed over, the first of an array; "" where there is none."""
    if not answer.is_success or code_of(answer) not in ACCEPTED_WORDS:
        return ""
    return next(iter(_addresses(results_of(answer))), "")


def report_of(answer: Answer, task: object) -> Report | None:
    """Return how one job is doing, or None where this is not a job."""
    job_id, word = _identity(task, answer)
    if not isinstance(task, dict) or not job_id or word is None:
        return None
    word = answer.clean_text(word)[:MAX_STATUS_CHARACTERS]
    said = answer.clean_text(task.get("failReason")).strip()
    progress = _progress(word, said)
    return Report(
        progress=progress,
        vendor_word=word,
        vendor_job_id=job_id,
        outputs=_outputs(task) if progress is Progress.DONE else (),
        reason=said or (NEEDS_CONFIRMATION if word.strip().lower() == MODAL else ""),
        # The gateway gives back what ends as FAILURE (docs/vendor-contracts.md, section 3.3); this
        # one has not ended there.
        is_charge_kept=word.strip().lower() == MODAL,
        percent=_percent(task.get("progress")),
        inference_ms=_milliseconds(task),
        created_at=_moment(task.get("submitTime")),
        reference=answer.clean_text(task.get("state"))[:MAX_REFERENCE_CHARACTERS],
    )


def _identity(task: object, answer: Answer) -> tuple[str, str | None]:
    """Return a task's id and its status; a null is the status of a fresh one, a number a word nobody has seen."""
    status = task.get("status", False) if isinstance(task, dict) else False
    if not isinstance(task, dict) or isinstance(status, bool | dict | list):
        return "", None
    return id_of(task.get("id"), answer.clean_text), "" if status is None else str(status)


def progress_in(word: str) -> Progress:
    """Return what a status means by its word alone."""
    return PROGRESS.get(word.strip().lower(), Progress.UNKNOWN)


def _progress(word: str, said: str) -> Progress:
    progress = progress_in(word)
    if progress is Progress.FAILED and STOPPED in said:
        return Progress.CANCELLED
    if progress is Progress.FAILED and MODERATION_TEXT.search(said):
        return Progress.MODERATED
    return progress


def _outputs(task: Mapping[str, object]) -> tuple[Output, ...]:
    """Return the clips; their NSFW flag is unknown (docs/vendor-contracts.md, section 7, trap 16).

    `videoUrls` first. trueai writes all clips into `imageUrls` as well, which helps where
    `videoUrls` is empty. `videoUrl` is the first clip alone. `imageUrl` is a clip on trueai and a
    preview elsewhere (trap 15): it counts only as the last address there is, and not where it ends
    like a picture.
    """
    images = [
        one for one in _addresses(_list(task, "imageUrls")) if VIDEO.search(urlsplit(one).path)
    ]
    last = [
        one for one in _addresses([task.get("imageUrl")]) if not PICTURE.search(urlsplit(one).path)
    ]
    clips = (
        _addresses(_list(task, "videoUrls")) or images or _addresses([task.get("videoUrl")]) or last
    )
    return tuple(Output(url=clip) for clip in clips[:MAX_OUTPUTS])


def _list(task: Mapping[str, object], name: str) -> list[object]:
    """Return an array, which may have come as JSON inside a text: such gateways keep it so."""
    value = task.get(name)
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return value if isinstance(value, list) else []


def _addresses(values: Iterable[object]) -> list[str]:
    """Return what is an address among texts and objects with a `url`, each once, in their order."""
    found: dict[str, None] = {}
    for value in values:
        text = value.get("url") if isinstance(value, dict) else value
        if isinstance(text, str) and _is_address(text.strip()):
            found[text.strip()] = None
    return list(found)


def _is_address(text: str) -> bool:
    if len(text) > MAX_URL_CHARACTERS or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _percent(value: object) -> int | None:
    """Read "58%", 58 or nothing (docs/vendor-contracts.md, section 7, trap 12)."""
    told = str(value).strip() if isinstance(value, str) or type(value) in {int, float} else ""
    match = PERCENT.fullmatch(told) if len(told) <= MAX_PERCENT_CHARACTERS else None
    percent = int(match[1]) if match else None
    return percent if percent is not None and percent <= 100 else None


def _milliseconds(task: Mapping[str, object]) -> int | None:
    """Return how long the work took, from the two moments there are: nobody says it outright."""
    start, finish = whole(task.get("startTime")), whole(task.get("finishTime"))
    if not start or not finish or start < 0:
        return None
    spent = finish - start
    return spent if 0 <= spent <= MAX_INFERENCE_MS else None


def _moment(value: object) -> datetime | None:
    milliseconds = whole(value)
    # seconds would be 1970
    if milliseconds is None or not FIRST_MOMENT < milliseconds <= LAST_MOMENT:
        return None
    return EPOCH + timedelta(milliseconds=milliseconds)

"""Turns WaveSpeedAI's error answers into our errors, by what we do next.

Sources: docs/vendor-contracts.md, section 1.4 (an order is never repeated) and 1.6 (HTTP codes and
task codes).
"""

import re

from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.http import Answer
from apps.vendors.wavespeed.answers import code_of, error_code_of, job_in, message_of
from apps.vendors.wavespeed.parsing import MODERATED_CODE, job_id_of

MESSAGE_BY_STATUS = {
    400: "WaveSpeedAI refused the request: it does not accept one of the values.",
    401: (
        "WaveSpeedAI does not accept the API key. Check the vendor account; "
        "a new key works after a top-up."
    ),
    402: "The WaveSpeedAI account has run out of credit. Top it up, then send again.",
    403: (
        "WaveSpeedAI does not let this account do that: "
        "it is suspended, or its key lacks the permission."
    ),
    404: "WaveSpeedAI does not know this address. Check the base address of the vendor account.",
}
INPUT_CODES = {1400, 1401, 1402}
# Documented as a message without a code (docs/vendor-contracts.md, section 6, row 13).
NO_CREDIT_TEXT = re.compile(
    r"insufficient (credit|balance|fund)|not enough credit|top.?up", re.IGNORECASE
)
MODERATION_TEXT = re.compile(
    r"moderat|flagged|nsfw|content policy|potentially sensitive", re.IGNORECASE
)


def error_of_order(answer: Answer) -> VendorError:
    """Return the error of an order: Unsure where the order may have been accepted."""
    # An answer with a job id may be an accepted order, whatever its codes say.
    certain = None if job_id_of(job_in(answer.json)) else _certain_error(answer)
    return certain or Unsure(
        "WaveSpeedAI's answer does not say whether it took the order. "
        "Look there before sending it again.",
        vendor_message=message_of(answer),
    )


def error_of_change(answer: Answer) -> VendorError:
    """Return the error of another request that changes something at the vendor."""
    return _certain_error(answer) or Unsure(
        "WaveSpeedAI's answer does not say whether it did what we asked.",
        vendor_message=message_of(answer),
    )


def error_of_query(answer: Answer) -> VendorError:
    """Return the error of a query; repeating it costs nothing."""
    return _certain_error(answer) or TryLater(
        "WaveSpeedAI is out of order; we ask again later.",
        vendor_message=message_of(answer),
        retry_after=answer.retry_after,
    )


def job_not_found(answer: Answer) -> JobNotFound:
    """Return the error of a job that the vendor does not know."""
    return JobNotFound(
        # docs/vendor-contracts.md, section 1.11
        "WaveSpeedAI does not know this job. It forgets jobs after 7 days.",
        vendor_message=message_of(answer),
    )


def _certain_error(answer: Answer) -> VendorError | None:
    """Return the error where the answer proves that the request had no effect, else None."""
    message, code = message_of(answer), code_of(answer)
    if code == 429:
        return TryLater(
            "WaveSpeedAI asks us to slow down.",
            vendor_message=message,
            retry_after=answer.retry_after,
        )
    if not _is_refusal(code):
        return None
    if MODERATED_CODE in (code, error_code_of(answer)) or (
        code in {400, 403} and MODERATION_TEXT.search(message)
    ):
        return Moderated("WaveSpeedAI's moderation turned this down.", vendor_message=message)
    if code != 401 and NO_CREDIT_TEXT.search(message):
        return Refused(MESSAGE_BY_STATUS[402], vendor_message=message)
    return Refused(_message(code), vendor_message=message)


def _is_refusal(code: int) -> bool:
    """Tell whether the code proves a refusal. 408 does not; a redirect does, as we follow none."""
    return (300 <= code < 500 and code != 408) or code == MODERATED_CODE or code in INPUT_CODES


def _message(code: int) -> str:
    if 300 <= code < 400:
        return (
            "WaveSpeedAI points to another address. Check the base address of the vendor account."
        )
    if code in INPUT_CODES:
        return MESSAGE_BY_STATUS[400]
    return MESSAGE_BY_STATUS.get(code, f"WaveSpeedAI refused the request ({code}).")

"""WaveSpeedAI's bad answers in our words: what each of them means for what we do next.

Sources: docs/vendor-contracts.md, section 1.4 (an order is never repeated), 1.6 (the table of HTTP codes and task
codes).
"""

import re

from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.http import Answer
from apps.vendors.wavespeed.answers import code_of, detail_of, job_in, message_of
from apps.vendors.wavespeed.parsing import MODERATED, job_id_of

SENTENCES = {
    400: "WaveSpeedAI refused the request: it does not accept one of the values.",
    401: "WaveSpeedAI does not accept the API key. Check the vendor account; a new key works after a top-up.",
    402: "The WaveSpeedAI account has run out of credit. Top it up, then send again.",
    403: "WaveSpeedAI does not let this account do that: it is suspended, or its key lacks the permission.",
    404: "WaveSpeedAI does not know this address. Check the base address of the vendor account.",
}
INPUT_CODES = {1400, 1401, 1402}
# "Insufficient credits" is documented as a message without a code (docs/vendor-contracts.md,
# section 6, row 13).
NO_CREDIT_TEXT = re.compile(
    r"insufficient (credit|balance|fund)|not enough credit|top.?up", re.IGNORECASE
)
MODERATION_TEXT = re.compile(
    r"moderat|flagged|nsfw|content policy|potentially sensitive", re.IGNORECASE
)


def error_of_order(answer: Answer) -> VendorError:
    """Return what a bad answer to an order means; where the order may have been taken, Unsure."""
    # Whoever names a job has one, whatever the codes around it say.
    sure = None if job_id_of(job_in(answer.json)) else _certain_error(answer)
    return sure or Unsure(
        "WaveSpeedAI's answer does not say whether it took the order. Look there before sending it again.",
        vendor_words=message_of(answer),
    )


def error_of_change(answer: Answer) -> VendorError:
    """Return what a bad answer to anything else means that changes something there."""
    return _certain_error(answer) or Unsure(
        "WaveSpeedAI's answer does not say whether it did what we asked.",
        vendor_words=message_of(answer),
    )


def error_of_query(answer: Answer) -> VendorError:
    """Return what a bad answer to a question means; asking again costs nothing."""
    return _certain_error(answer) or TryLater(
        "WaveSpeedAI is out of order; we ask again later.",
        vendor_words=message_of(answer),
        retry_after=answer.retry_after,
    )


def job_not_found(answer: Answer) -> JobNotFound:
    """Return the refusal of a job that the vendor does not know under either address."""
    return JobNotFound(
        # docs/vendor-contracts.md, section 1.11
        "WaveSpeedAI does not know this job. It forgets jobs after 7 days.",
        vendor_words=message_of(answer),
    )


def _certain_error(answer: Answer) -> VendorError | None:
    """Return what the answer means where it proves that nothing happened, else None."""
    words, code = message_of(answer), code_of(answer)
    if code == 429:
        return TryLater(
            "WaveSpeedAI asks us to slow down.", vendor_words=words, retry_after=answer.retry_after
        )
    if not _is_refusal(code):
        return None
    if MODERATED in (code, detail_of(answer)) or (
        code in {400, 403} and MODERATION_TEXT.search(words)
    ):
        return Moderated("WaveSpeedAI's moderation turned this down.", vendor_words=words)
    if code != 401 and NO_CREDIT_TEXT.search(words):
        return Refused(SENTENCES[402], vendor_words=words)
    return Refused(_sentence(code), vendor_words=words)


def _is_refusal(code: int) -> bool:
    """Tell whether the code alone proves a no: 408 does not, a redirect does (we never follow one)."""
    return (300 <= code < 500 and code != 408) or code == MODERATED or code in INPUT_CODES


def _sentence(code: int) -> str:
    if 300 <= code < 400:
        return (
            "WaveSpeedAI points to another address. Check the base address of the vendor account."
        )
    if code in INPUT_CODES:
        return SENTENCES[400]
    return SENTENCES.get(code, f"WaveSpeedAI refused the request ({code}).")

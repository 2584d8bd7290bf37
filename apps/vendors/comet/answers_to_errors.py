"""CometAPI's bad answers in our words: what each of them means for what we do next.

Sources: docs/vendor-contracts.md, section 3.3 (codes and shapes) and 6, row 20 (a full queue). What proves that
nothing was taken follows from the open sources of the layers behind it: the proxy answers 3, 4, 9,
23 and 24 before it keeps anything, or deletes what it kept; the gateway answers 429 and its own
refusals before it passes anything on. It proves nothing when the gateway lost its own upstream
(code 5) or fell over after the upstream had said yes.
"""

import re

from apps.vendors.comet.answers import code_of, is_nothing, is_page, message_of, results_of
from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.http import Answer

ACCEPTED = {1, 21, 22}
NOT_FOUND, VALIDATION, UNKNOWN, FAILURE, QUEUE_FULL, BANNED, SATURATED = 3, 4, 5, 9, 23, 24, 30
REFUSALS = {NOT_FOUND, VALIDATION, FAILURE, BANNED}

# Texts come in Chinese and English (docs/vendor-contracts.md, section 7, trap 14). They only ever
# sharpen what a code or a status says.
QUEUE_FULL_TEXT = re.compile(r"队列已满|负载已饱和|queue (is )?full|saturated", re.IGNORECASE)
MODERATION_TEXT = re.compile(
    r"banned[ _](prompt|word)|sensitive[ _]word|moderat(ion|or|ed)|image filter|community (standard|guideline)"
    r"|content polic|inappropriate|flagged|nsfw|敏感|违规|违禁|审核",
    re.IGNORECASE,
)
NO_CREDIT_TEXT = re.compile(
    r"quota[ _](is[ _])?not[ _]enough|insufficient[ _](user[ _])?(quota|balance|credit|fund)|余额不足|额度(不足|已用)",
    re.IGNORECASE,
)
NO_SUCH_JOB_TEXT = re.compile(
    r"task[ _]((is|does|was)[ _])?not?[ _](found|exist)|任务不存在|任务不存在或已失效",
    re.IGNORECASE,
)
# new-api says these after the proxy has taken the order (its relay/mjproxy_handler.go).
UNCERTAIN_TEXT = re.compile(
    r"(insert_midjourney_task|copy_response_body|close_response_body|read_response_body|do_request)_failed"
)

SENTENCES = {
    400: "CometAPI refused the request: it does not accept one of the values.",
    401: "CometAPI does not accept the API key. Check the vendor account.",
    402: "The CometAPI account has run out of credit. Top it up, then send again.",
    403: "CometAPI does not let this account do that: its key lacks the permission, or is blocked.",
    404: "CometAPI does not know this address. Check the base address of the vendor account.",
    405: "CometAPI does not know this address. Check the base address of the vendor account.",
    413: "CometAPI says the request is too large.",
}
NO_ACCOUNT = "CometAPI has no Midjourney account free for this order. For 720p it needs a special one: try 480p."
NO_PARENT = "CometAPI does not know the job that this order extends."
BUSY = "CometAPI is full at the moment; nothing was taken."
REDIRECTED = "CometAPI points to another address. Check the base address of the vendor account."
# A no of HTTP itself. Not here: 408 and 5xx, where something behind the gateway may have gone on.
PLAIN_NO = {400, 401, 402, 403, 404, 405, 410, 411, 413, 414, 415, 422, 431}


def error_of_order(answer: Answer, what: str = "the order") -> VendorError:
    """Return what a bad answer to an order (or a picture) means; where it may have been taken, Unsure."""
    if sure := _certain_error(answer):
        return sure
    return Unsure(
        f"CometAPI's answer does not say whether it took {what}. Look there before sending it again.",
        vendor_words=message_of(answer),
    )


def error_of_query(answer: Answer) -> VendorError:
    """Return what a bad answer to a question means; asking again costs nothing."""
    words = message_of(answer)
    if _knows_no_such_job(answer, words):
        return JobNotFound("CometAPI does not know this job.", vendor_words=words)
    if answer.status == 429 or code_of(answer) == SATURATED:
        return _slow_down(answer, "CometAPI asks us to slow down.")
    if 300 <= answer.status < 400:
        return Refused(REDIRECTED, vendor_words=words)
    if answer.status in SENTENCES:
        return Refused(SENTENCES[answer.status], vendor_words=words)
    return _slow_down(answer, "CometAPI is out of order; we ask again later.")


def _knows_no_such_job(answer: Answer, words: str) -> bool:
    """Tell it in each layer's way: nothing, a null, or an error that says so.

    Source: docs/vendor-contracts.md, section 3.4.
    """
    return (answer.is_success and is_nothing(answer)) or (
        answer.status < 500 and not is_page(answer) and NO_SUCH_JOB_TEXT.search(words) is not None
    )


def _certain_error(answer: Answer) -> VendorError | None:
    """Return what the answer means where it proves that nothing was taken, else None."""
    words, code = message_of(answer), code_of(answer)
    if _may_be_taken(answer, words):
        return None
    if (
        answer.status == 429
        or code in {QUEUE_FULL, SATURATED}
        or (code in REFUSALS and QUEUE_FULL_TEXT.search(words))
    ):
        return _slow_down(answer, BUSY)
    sentence = _no(answer.status, code, words)
    return _refusal(sentence, code, words) if sentence else None


def _may_be_taken(answer: Answer, words: str) -> bool:
    """Tell whether an order may be hidden behind this answer, whatever else it says."""
    if answer.status >= 500 or answer.status == 408:
        return True
    return (
        bool(results_of(answer))
        or code_of(answer) in {*ACCEPTED, UNKNOWN}
        or UNCERTAIN_TEXT.search(words) is not None
    )


def _no(status: int, code: int | None, words: str) -> str:
    """Return what to tell people about an answer that proves a no; "" where it proves nothing."""
    if 300 <= status < 400:
        return REDIRECTED
    if code in REFUSALS and (status < 300 or status in PLAIN_NO):
        return _sentence(status, code, words)
    if status not in PLAIN_NO or (status == 400 and code not in {None, 400}):
        return ""  # the latter is the gateway's shape with a code that nobody has documented
    return SENTENCES.get(status, f"CometAPI refused the request ({status}).")


def _sentence(status: int, code: int | None, words: str) -> str:
    if NO_SUCH_JOB_TEXT.search(words) or (code == NOT_FOUND and status == 404):
        return NO_PARENT
    if code == NOT_FOUND:
        return NO_ACCOUNT
    if code == FAILURE:
        return "CometAPI could not place the order."
    return SENTENCES[400]


def _refusal(sentence: str, code: int | None, words: str) -> Refused:
    if code == BANNED or MODERATION_TEXT.search(words):
        return Moderated("CometAPI's moderation turned this down.", vendor_words=words)
    if NO_CREDIT_TEXT.search(words):
        return Refused(SENTENCES[402], vendor_words=words)
    return Refused(sentence, vendor_words=words)


def _slow_down(answer: Answer, sentence: str) -> TryLater:
    return TryLater(sentence, vendor_words=message_of(answer), retry_after=answer.retry_after)

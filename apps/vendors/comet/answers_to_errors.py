"""Turns CometAPI's error answers into our errors, by what we do next.

Sources: docs/vendor-contracts.md, section 3.3 (codes and forms) and 6, row 20 (a full queue).

Which answers prove that no order was accepted follows from the open source of the servers behind
CometAPI. The proxy answers 3, 4, 9, 23 and 24 before it stores a task, or deletes the task again.
The gateway answers 429 and its own refusals before it forwards a request. Nothing is proved where
the gateway lost its upstream (code 5), or failed after the upstream had accepted.
"""

import re

from apps.vendors.comet.answers import code_of, is_empty, is_html_page, message_of, results_of
from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.http import Answer

ACCEPTED_CODES = {1, 21, 22}
NOT_FOUND, VALIDATION, UNKNOWN, FAILURE, QUEUE_FULL, BANNED, SATURATED = 3, 4, 5, 9, 23, 24, 30
REFUSAL_CODES = {NOT_FOUND, VALIDATION, FAILURE, BANNED}

# Texts are Chinese or English (docs/vendor-contracts.md, section 7, trap 14). They only refine the
# meaning of a code or a status.
QUEUE_FULL_TEXT = re.compile(r"队列已满|负载已饱和|queue (is )?full|saturated", re.IGNORECASE)
MODERATION_TEXT = re.compile(
    r"banned[ _](prompt|word)|sensitive[ _]word|moderat(ion|or|ed)|image filter"
    r"|community (standard|guideline)|content polic|inappropriate|flagged|nsfw"
    r"|敏感|违规|违禁|审核",
    re.IGNORECASE,
)
NO_CREDIT_TEXT = re.compile(
    r"quota[ _](is[ _])?not[ _]enough|insufficient[ _](user[ _])?(quota|balance|credit|fund)"
    r"|余额不足|额度(不足|已用)",
    re.IGNORECASE,
)
NO_SUCH_JOB_TEXT = re.compile(
    r"task[ _]((is|does|was)[ _])?not?[ _](found|exist)|任务不存在|任务不存在或已失效",
    re.IGNORECASE,
)
# The gateway's errors after the proxy has accepted the order (new-api's relay/mjproxy_handler.go).
UNCERTAIN_TEXT = re.compile(
    r"(insert_midjourney_task|copy_response_body|close_response_body|read_response_body"
    r"|do_request)_failed"
)

MESSAGE_BY_STATUS = {
    400: "CometAPI refused the request: it does not accept one of the values.",
    401: "CometAPI does not accept the API key. Check the vendor account.",
    402: "The CometAPI account has run out of credit. Top it up, then send again.",
    403: "CometAPI does not let this account do that: its key lacks the permission, or is blocked.",
    404: "CometAPI does not know this address. Check the base address of the vendor account.",
    405: "CometAPI does not know this address. Check the base address of the vendor account.",
    413: "CometAPI says the request is too large.",
}
NO_ACCOUNT_MESSAGE = (
    "CometAPI has no Midjourney account free for this order. "
    "For 720p it needs a special one: try 480p."
)
NO_PARENT_MESSAGE = "CometAPI does not know the job that this order extends."
BUSY_MESSAGE = "CometAPI is full at the moment; nothing was taken."
REDIRECT_MESSAGE = (
    "CometAPI points to another address. Check the base address of the vendor account."
)
# HTTP statuses that prove a refusal. After 408 and 5xx a server behind the gateway may go on.
REFUSAL_STATUSES = {400, 401, 402, 403, 404, 405, 410, 411, 413, 414, 415, 422, 431}


def error_of_order(answer: Answer, subject: str = "the order") -> VendorError:
    """Return the error of an order or upload: Unsure where it may have been accepted."""
    if certain := _certain_error(answer):
        return certain
    return Unsure(
        f"CometAPI's answer does not say whether it took {subject}. "
        "Look there before sending it again.",
        vendor_message=message_of(answer),
    )


def error_of_query(answer: Answer) -> VendorError:
    """Return the error of a query; repeating it costs nothing."""
    message = message_of(answer)
    if _is_job_not_found(answer, message):
        return JobNotFound("CometAPI does not know this job.", vendor_message=message)
    if answer.status == 429 or code_of(answer) == SATURATED:
        return _slow_down(answer, "CometAPI asks us to slow down.")
    if 300 <= answer.status < 400:
        return Refused(REDIRECT_MESSAGE, vendor_message=message)
    if answer.status in MESSAGE_BY_STATUS:
        return Refused(MESSAGE_BY_STATUS[answer.status], vendor_message=message)
    return _slow_down(answer, "CometAPI is out of order; we ask again later.")


def _is_job_not_found(answer: Answer, message: str) -> bool:
    """Tell whether a layer reports an unknown job: an empty body, a null or an error.

    Source: docs/vendor-contracts.md, section 3.4.
    """
    return (answer.is_success and is_empty(answer)) or (
        answer.status < 500
        and not is_html_page(answer)
        and NO_SUCH_JOB_TEXT.search(message) is not None
    )


def _certain_error(answer: Answer) -> VendorError | None:
    """Return the error where the answer proves that nothing was accepted, else None."""
    message, code = message_of(answer), code_of(answer)
    if _may_be_accepted(answer, message):
        return None
    if (
        answer.status == 429
        or code in {QUEUE_FULL, SATURATED}
        or (code in REFUSAL_CODES and QUEUE_FULL_TEXT.search(message))
    ):
        return _slow_down(answer, BUSY_MESSAGE)
    our_message = _refusal_message(answer.status, code, message)
    return _refusal(our_message, code, message) if our_message else None


def _may_be_accepted(answer: Answer, message: str) -> bool:
    """Tell whether an order may have been accepted in spite of this answer."""
    if answer.status >= 500 or answer.status == 408:
        return True
    return (
        bool(results_of(answer))
        or code_of(answer) in {*ACCEPTED_CODES, UNKNOWN}
        or UNCERTAIN_TEXT.search(message) is not None
    )


def _refusal_message(status: int, code: int | None, message: str) -> str:
    """Return our message for an answer that proves a refusal; "" where it proves nothing."""
    if 300 <= status < 400:
        return REDIRECT_MESSAGE
    if code in REFUSAL_CODES and (status < 300 or status in REFUSAL_STATUSES):
        return _message_for_code(status, code, message)
    if status not in REFUSAL_STATUSES or (status == 400 and code not in {None, 400}):
        return ""  # a 400 with another code is the gateway's form with an undocumented code
    return MESSAGE_BY_STATUS.get(status, f"CometAPI refused the request ({status}).")


def _message_for_code(status: int, code: int | None, message: str) -> str:
    if NO_SUCH_JOB_TEXT.search(message) or (code == NOT_FOUND and status == 404):
        return NO_PARENT_MESSAGE
    if code == NOT_FOUND:
        return NO_ACCOUNT_MESSAGE
    if code == FAILURE:
        return "CometAPI could not place the order."
    return MESSAGE_BY_STATUS[400]


def _refusal(our_message: str, code: int | None, message: str) -> Refused:
    if code == BANNED or MODERATION_TEXT.search(message):
        return Moderated("CometAPI's moderation turned this down.", vendor_message=message)
    if NO_CREDIT_TEXT.search(message):
        return Refused(MESSAGE_BY_STATUS[402], vendor_message=message)
    return Refused(our_message, vendor_message=message)


def _slow_down(answer: Answer, our_message: str) -> TryLater:
    return TryLater(our_message, vendor_message=message_of(answer), retry_after=answer.retry_after)

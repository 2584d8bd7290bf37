"""The forms of CometAPI's answers: an envelope, two kinds of error, HTML pages, empty bodies.

Source: docs/vendor-contracts.md, section 3.3.
"""

import re
from collections.abc import Callable, Mapping

from apps.vendors.http import Answer, clean_text, valid_job_id

DIGITS = re.compile(r"[0-9]{1,18}")
HTML_START = re.compile(r"\s*<")


def id_of(value: object, clean_text: Callable[[object], str] = clean_text) -> str:
    """Return an id as text from a text or a number; "" where it is no valid id."""
    return valid_job_id(str(value) if type(value) is int else value, clean_text)


def parse_int(value: object) -> int | None:
    """Return a whole number from 1, 1.0 or "1"; None from anything else."""
    if (isinstance(value, str) and DIGITS.fullmatch(value)) or (
        isinstance(value, float) and value.is_integer()
    ):
        return int(value)
    return value if type(value) is int else None


def code_of(answer: Answer) -> int | None:
    """Return the envelope's code, which is not the HTTP status; None without an envelope."""
    return parse_int(answer.json_object.get("code"))


def results_of(answer: Answer) -> list[object]:
    """Return the values in the envelope's `result`: a text, a number or an array.

    Source: docs/vendor-contracts.md, section 7, trap 11.
    """
    result = answer.json_object.get("result")
    values = result if isinstance(result, list) else [result]
    return [value for value in values if value is not None and value not in ("", {}, [])]


def message_of(answer: Answer) -> str:
    """Return the vendor's own text from any of its forms of error."""
    error = answer.json_object.get("error")
    inner: Mapping[str, object] = error if isinstance(error, dict) else {"message": error}
    for message in (
        answer.json_object.get("description"),
        inner.get("message"),
        answer.json_object.get("message"),
    ):
        if isinstance(message, str) and message.strip():
            return answer.clean_text(message.strip())
    return answer.clean_text(answer.text)


def is_empty(answer: Answer) -> bool:
    """Tell whether the body is empty or a bare null."""
    return answer.text.strip() in {"", "null"}


def is_html_page(answer: Answer) -> bool:
    """Tell whether the answer is an HTML page instead of JSON."""
    return answer.json is None and HTML_START.match(answer.text) is not None

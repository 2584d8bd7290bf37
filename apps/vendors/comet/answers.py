"""The shapes CometAPI's answers come in: an envelope, two kinds of error, pages, nothing.

Source: docs/vendor-contracts.md, section 3.3.
"""

import re
from collections.abc import Callable, Mapping

from apps.vendors.http import Answer, clean_text, valid_job_id

DIGITS = re.compile(r"[0-9]{1,18}")
PAGE = re.compile(r"\s*<")


def id_of(value: object, clean_text: Callable[[object], str] = clean_text) -> str:
    """Return an id as text, whether it came as text or as a number; "" where it is none."""
    return valid_job_id(str(value) if type(value) is int else value, clean_text)


def whole(value: object) -> int | None:
    """Return a whole number, whether it came as 1, 1.0 or "1"; None where it is none."""
    if (isinstance(value, str) and DIGITS.fullmatch(value)) or (
        isinstance(value, float) and value.is_integer()
    ):
        return int(value)
    return value if type(value) is int else None


def code_of(answer: Answer) -> int | None:
    """Return the envelope's own code, which is not HTTP's; None where there is no envelope."""
    return whole(answer.json_object.get("code"))


def results_of(answer: Answer) -> list[object]:
    """Return everything the envelope's `result` holds: a text, a number or an array.

    Source: docs/vendor-contracts.md, section 7, trap 11.
    """
    result = answer.json_object.get("result")
    several = result if isinstance(result, list) else [result]
    return [one for one in several if one is not None and one not in ("", {}, [])]


def message_of(answer: Answer) -> str:
    """Return what the vendor said, verbatim, from whichever shape it chose."""
    error = answer.json_object.get("error")
    inner: Mapping[str, object] = error if isinstance(error, dict) else {"message": error}
    for said in (
        answer.json_object.get("description"),
        inner.get("message"),
        answer.json_object.get("message"),
    ):
        if isinstance(said, str) and said.strip():
            return answer.clean_text(said.strip())
    return answer.clean_text(answer.text)


def is_nothing(answer: Answer) -> bool:
    """Tell whether the body is empty or a bare null."""
    return answer.text.strip() in {"", "null"}


def is_page(answer: Answer) -> bool:
    """Tell whether somebody answered with a page instead of JSON."""
    return answer.json is None and PAGE.match(answer.text) is not None

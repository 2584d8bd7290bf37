"""The forms of WaveSpeedAI's answers: an envelope, a bare job, an error.

Sources: docs/vendor-contracts.md, section 1.3 (envelope and prediction), 1.6 (errors) and 1.10 (a
bare prediction).
"""

from collections.abc import Mapping

from apps.vendors.http import Answer

Fields = Mapping[str, object]


def fields(value: object) -> Fields:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def unwrap(body: object) -> object:
    """Return the content of the envelope, or the body itself where there is none."""
    return body["data"] if isinstance(body, dict) and "data" in body else body


def job_in(body: object) -> Fields:
    """Return the job in the envelope or in the bare body, or an empty object."""
    return fields(body if _is_bare_job(body) else fields(body).get("data"))


def code_of(answer: Answer) -> int:
    """Return the envelope's code where HTTP reports success, else the HTTP status.

    The code of a bare job is no envelope's code (docs/vendor-contracts.md, section 7, trap 1).
    """
    code = answer.json_object.get("code")
    return (
        code
        if answer.is_success and type(code) is int and not _is_bare_job(answer.json)
        else answer.status
    )


def is_success(answer: Answer) -> bool:
    """Tell whether both HTTP and the envelope report success."""
    return answer.is_success and code_of(answer) in {200, answer.status}


def is_not_found(answer: Answer) -> bool:
    """Tell whether HTTP or the envelope reports 404."""
    return code_of(answer) == 404


def is_job_not_found(answer: Answer) -> bool:
    """Tell whether the vendor itself reports 404: a page or a text comes from a proxy."""
    return is_not_found(answer) and (answer.json is not None or not answer.text.strip())


def error_code_of(answer: Answer) -> object:
    """Return the code of an error: `error_code`, else `code`.

    Source: docs/vendor-contracts.md, section 1.6.
    """
    return answer.json_object.get("error_code") or answer.json_object.get("code")


def message_of(answer: Answer) -> str:
    """Return the vendor's own text: `message`, else `error`, else the whole body.

    Source: docs/vendor-contracts.md, section 1.6.
    """
    for name in ("message", "error"):
        if isinstance(message := answer.json_object.get(name), str) and message:
            return answer.clean_text(message)
    return answer.clean_text(answer.text)


def _is_bare_job(body: object) -> bool:
    return "data" not in fields(body) and {"id", "status"} <= fields(body).keys()

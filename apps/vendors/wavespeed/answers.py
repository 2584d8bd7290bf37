"""How WaveSpeedAI packs its answers: an envelope, a bare job, an error.

Shapes: docs/vendor-contracts.md, section 1.3 (envelope and prediction), 1.6 (errors), 1.10 (a bare prediction).
"""

from collections.abc import Mapping

from apps.vendors.http import Answer

Fields = Mapping[str, object]


def fields(value: object) -> Fields:
    """Return a JSON object, or an empty one in the place of anything else."""
    return value if isinstance(value, dict) else {}


def unwrap(body: object) -> object:
    """Return what is inside the envelope, or the body itself where there is none."""
    return body["data"] if isinstance(body, dict) and "data" in body else body


def job_in(body: object) -> Fields:
    """Return the job inside the envelope or the bare body, or an empty one."""
    return fields(body if _is_bare_job(body) else fields(body).get("data"))


def code_of(answer: Answer) -> int:
    """Return the envelope's code where HTTP said yes (a bare job's own code is another thing, 7.1)."""
    code = answer.json_object.get("code")
    return (
        code
        if answer.is_success and type(code) is int and not _is_bare_job(answer.json)
        else answer.status
    )


def is_success(answer: Answer) -> bool:
    """Tell whether both HTTP and the envelope say yes."""
    return answer.is_success and code_of(answer) in {200, answer.status}


def is_not_found(answer: Answer) -> bool:
    """Tell whether HTTP or the envelope says that there is no such thing."""
    return code_of(answer) == 404


def is_job_not_found(answer: Answer) -> bool:
    """Tell whether the vendor itself says so; a page or a text comes from somebody who stands in front of it."""
    return is_not_found(answer) and (answer.json is not None or not answer.text.strip())


def detail_of(answer: Answer) -> object:
    """Return the finer code of an error: `error_code`, else `code`.

    Source: docs/vendor-contracts.md, section 1.6.
    """
    return answer.json_object.get("error_code") or answer.json_object.get("code")


def message_of(answer: Answer) -> str:
    """Return what the vendor said, verbatim: `message`, else `error`, else the whole text.

    Source: docs/vendor-contracts.md, section 1.6.
    """
    for name in ("message", "error"):
        if isinstance(said := answer.json_object.get(name), str) and said:
            return answer.clean_text(said)
    return answer.clean_text(answer.text)


def _is_bare_job(body: object) -> bool:
    return "data" not in fields(body) and {"id", "status"} <= fields(body).keys()

"""Variables in prompt texts: `{subject}`, or `{light=golden hour}` with a default."""

import re
from collections.abc import Mapping

from apps.core.errors import DomainError

# Blanks around a default are left to strip(): told in the pattern, they take the cube of their
# number to read.
VARIABLE = re.compile(r"\{\s*([a-zA-Z][\w ]{0,39}?)\s*(?:=([^{}]*))?\}")
# A flag typed into a prompt overrules the order's own fields at proxies (docs/vendor-contracts.md,
# section 3.2).
FLAG = re.compile(r"(?:^|\s)--([a-zA-Z]\w*)")


def variables_of(text: str) -> dict[str, str]:
    """Return the variables of a text in order, each with its default ("" if it has none)."""
    found: dict[str, str] = {}
    for name, default in VARIABLE.findall(text):
        found[name] = found.get(name) or default.strip()
    return found


def missing_in(text: str, values: Mapping[str, str]) -> list[str]:
    """Return the variables that have neither a value nor a default."""
    return [
        name
        for name, default in variables_of(text).items()
        if not (values.get(name, "").strip() or default)
    ]


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Fill in the values; raise DomainError naming missing variables."""
    missing = missing_in(text, values)
    if missing:
        raise DomainError("Fill in: " + ", ".join(missing) + ".")
    defaults = variables_of(text)
    return VARIABLE.sub(lambda match: values.get(match[1], "").strip() or defaults[match[1]], text)


def flags_in(text: str) -> list[str]:
    """Return the `--flags` typed in a text; vendors would obey them over the chosen parameters."""
    return list(dict.fromkeys(FLAG.findall(text)))

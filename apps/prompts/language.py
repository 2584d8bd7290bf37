"""The prompt language: variables such as `{subject}` or `{light=golden hour}`, and `--flags`."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from apps.core.errors import DomainError

# The default is matched with its blanks and stripped later: a pattern that matches the blanks apart
# takes cubic time on long runs of them.
VARIABLE = re.compile(r"\{\s*([a-zA-Z][\w ]{0,39}?)\s*(?:=([^{}]*))?\}")
# Vendors let a flag in the text override the order's own fields (docs/vendor-contracts.md,
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
        raise DomainError(_("Fill in: %s.") % ", ".join(missing))
    defaults = variables_of(text)
    return VARIABLE.sub(lambda match: values.get(match[1], "").strip() or defaults[match[1]], text)


def flags_in(text: str) -> list[str]:
    """Return the names of the `--flags` in a text, each once."""
    return list(dict.fromkeys(FLAG.findall(text)))

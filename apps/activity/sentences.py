"""Events in words: each verb as the sentence that its room registered."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.core.event_registry import registry


class Facts(dict[str, Any]):
    """An event's facts for a sentence; "…" for a fact that an older event does not have."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(verb: str, facts: Mapping[str, Any], kind: str = "") -> str:
    """Return an event as a sentence without its actor; the verb itself where it has none."""
    known = registry.verb(verb, kind)
    if known is None:
        return verb.replace("_", " ")
    return str(known.sentence) % Facts({name: value_words(one) for name, one in facts.items()})


def short_form(verb: str, facts: Mapping[str, Any], kind: str = "") -> str:
    """Return an event in a few words, as the history of its subject shows it."""
    known = registry.short_forms.get(verb)
    if known is None:
        return capfirst(sentence(verb, facts, kind))
    return capfirst(str(known) % Facts({name: value_words(one) for name, one in facts.items()}))


def kind_words(kind: str) -> str:
    """Return the name on screen of a kind of subject."""
    known = registry.kinds.get(kind)
    return str(known.label) if known else kind or _("Something")


def value_words(value: Any) -> str:
    """Return a fact's value as it is read in a sentence."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(registry.values.get(str(value), value)) if value not in (None, "") else "–"

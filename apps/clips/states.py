"""The states of a clip: whether it shows nudity, and the team's verdict on it."""

from dataclasses import dataclass
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.event_registry import Words
from apps.core.looks import Look


class Nsfw(models.TextChoices):
    """Whether a clip shows nudity: unknown is a value."""

    CLEAR = "clear", _("Clear")
    FLAGGED = "flagged", _("Flagged")
    UNKNOWN = "unknown", _("Unknown")

    @classmethod
    def of(cls, flag: bool | None) -> "Nsfw":
        """Turn a vendor's flag into ours."""
        return cls.UNKNOWN if flag is None else cls.FLAGGED if flag else cls.CLEAR


NSFW_LOOKS: dict[str, Look] = {
    Nsfw.CLEAR: Look("eye", "good"),
    Nsfw.FLAGGED: Look("flag", "bad"),
    Nsfw.UNKNOWN: Look("question", "warn"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What pages and the log need to know of a verdict.

    A verdict without a button is only given by withdrawing another. The keys of the button are
    separated by spaces: "R Control+Enter". A verdict that asks for a note is not given without one.
    """

    look: Look
    in_log: Words  # follows "decided on a clip: "
    button: Words = ""
    keys: str = ""
    asks_for_note: Words = ""  # what somebody is told who gives it without a note


class Verdict(models.TextChoices):
    """The team's verdict on a clip: the value, its traits, and its name on screen."""

    UNDECIDED = (
        "undecided",
        Traits(look=Look("eye", "accent"), in_log=_("decision withdrawn")),
        _("In review"),
    )
    APPROVED = (
        "approved",
        Traits(look=Look("check", "good"), in_log=_("approved"), button=_("Approve"), keys="A"),
        _("Approved"),
    )
    CHANGES = (
        "changes_requested",
        Traits(
            look=Look("edit", "warn"),
            in_log=_("changes requested"),
            button=_("Request changes"),
            keys="R Control+Enter",
            asks_for_note=_("Add a note: what should change?"),
        ),
        _("Changes requested"),
    )

    traits: Traits

    def __new__(cls, value: str, traits: Traits) -> Self:
        """Keep the traits beside the value, which alone is stored."""
        verdict = str.__new__(cls, value)
        verdict._value_ = value
        verdict.traits = traits
        return verdict

    @classmethod
    def of(cls, value: str) -> "Verdict":
        """Return the verdict of a stored value."""
        return cls(value)  # type: ignore[call-arg]  # looked up, not made

    @property
    def shortcuts(self) -> list[str]:
        """The keys of its button, as static/js/keys.js knows them: "ctrl+enter"."""
        return self.traits.keys.lower().replace("control", "ctrl").split()

    @property
    def shown_keys(self) -> list[str]:
        """The keys of its button, as people read them: "Ctrl+Enter"."""
        return self.traits.keys.replace("Control", "Ctrl").split()

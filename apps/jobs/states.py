"""The life of a job, on one page.

DRAFT ─► QUEUED ─► SUBMITTING ─► AT_VENDOR ─► SAVING ─► SAVED
  │       │  ▲         │  │  │       │           │
  │       │  └ never   │  │  │       └───────────┴────► FAILED      (reason, the vendor's own words)
  │       │    left ───┘  │  └───────┬────────────────► MODERATED   (not a failure: another word, another price)
  │       │               ▼          │
  │       │          UNCONFIRMED ────┤ found at the vendor ─► AT_VENDOR
  │       │               │          │ a person sends again ─► QUEUED, or gives up ─► FAILED
  └───────┴───────────────┴──────────┴────────────────► CANCELLED   (later than QUEUED only if the vendor says so)

«Still at vendor» is no state: it is AT_VENDOR for longer than usual (Job.chip).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a job stands."""

    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Queued")
    SUBMITTING = "submitting", _("Submitting")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    AT_VENDOR = "at_vendor", _("At vendor")
    SAVING = "saving", _("Saving")
    SAVED = "saved", _("Saved")
    MODERATED = "moderated", _("Moderated")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.QUEUED, State.CANCELLED}),
    State.QUEUED: frozenset({State.SUBMITTING, State.FAILED, State.CANCELLED}),
    State.SUBMITTING: frozenset(
        {State.AT_VENDOR, State.QUEUED, State.UNCONFIRMED, State.FAILED, State.MODERATED}
    ),
    State.UNCONFIRMED: frozenset({State.AT_VENDOR, State.QUEUED, State.FAILED, State.CANCELLED}),
    State.AT_VENDOR: frozenset({State.SAVING, State.FAILED, State.MODERATED, State.CANCELLED}),
    State.SAVING: frozenset({State.SAVED, State.FAILED}),
    State.SAVED: frozenset(),
    State.MODERATED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

FINAL = frozenset(state for state, onward in MOVES.items() if not onward)
# Something in the house has to happen next, without a person.
MOVING = frozenset({State.QUEUED, State.SUBMITTING, State.AT_VENDOR, State.SAVING})
# A person has to look.
TROUBLED = frozenset({State.UNCONFIRMED, State.FAILED, State.MODERATED})


class Nsfw(models.TextChoices):
    """Whether a clip shows nudity: unknown is a value."""

    CLEAR = "clear", _("Clear")
    FLAGGED = "flagged", _("Flagged")
    UNKNOWN = "unknown", _("Unknown")

    @classmethod
    def of(cls, flag: bool | None) -> "Nsfw":
        """Turn a vendor's flag into ours."""
        return cls.UNKNOWN if flag is None else cls.FLAGGED if flag else cls.CLEAR


class Verdict(models.TextChoices):
    """What the team thinks of a clip; decided in the reviews room."""

    UNDECIDED = "undecided", _("In review")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes_requested", _("Changes requested")

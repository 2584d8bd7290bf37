"""The life of a job, on one page.

PLANNED ─► QUEUED ─► SUBMITTING ─► AT_VENDOR ─► SAVING ─► SAVED
  │       │  ▲        │  │  │        │            │
  │       │  └ not ───┘  │  │        ├────────────┴─────► FAILED     (a reason, the vendor's words)
  │       │    sent      │  └────────┼──────────────────► MODERATED  (not a failure: another price)
  │       │              ▼           │
  │       │          UNCONFIRMED ────┤ found at the vendor ─► AT_VENDOR
  │       │              │           │ a person sends it again ─► QUEUED, or gives up ─► FAILED
  └───────┴──────────────┴───────────┴──────────────────► CANCELLED  (once sent, by the vendor only)

A PLANNED job is a later part of a chain: it is queued when the part before it is saved. A job that
has ended may go on: the vendor finds one that we gave up, or finishes one it called failed. It then
moves from FAILED, MODERATED or CANCELLED to AT_VENDOR or SAVING, and `is_late` is set.
«Still at vendor» is no state: it is AT_VENDOR for longer than usual (Job.chip).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The states of a job."""

    PLANNED = "planned", _("Planned")
    QUEUED = "queued", _("Queued")
    SUBMITTING = "submitting", _("Submitting")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    AT_VENDOR = "at_vendor", _("At vendor")
    SAVING = "saving", _("Saving")
    SAVED = "saved", _("Saved")
    MODERATED = "moderated", _("Moderated")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LATE = frozenset({State.AT_VENDOR, State.SAVING})
MOVES: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.QUEUED, State.CANCELLED}),
    # AT_VENDOR: it was to be sent again, and was found where it had been sent before.
    State.QUEUED: frozenset({State.SUBMITTING, State.AT_VENDOR, State.FAILED, State.CANCELLED}),
    State.SUBMITTING: frozenset(
        {State.AT_VENDOR, State.QUEUED, State.UNCONFIRMED, State.FAILED, State.MODERATED}
    ),
    # MODERATED: the answer came late, and was a no.
    State.UNCONFIRMED: frozenset(
        {State.AT_VENDOR, State.QUEUED, State.FAILED, State.MODERATED, State.CANCELLED}
    ),
    State.AT_VENDOR: frozenset({State.SAVING, State.FAILED, State.MODERATED, State.CANCELLED}),
    State.SAVING: frozenset({State.SAVED, State.FAILED}),
    State.SAVED: frozenset(),
    State.MODERATED: LATE,
    State.FAILED: LATE,
    State.CANCELLED: LATE,
}

# Nothing more is expected: of these, only LATE moves lead on.
FINAL = frozenset(state for state, onward in MOVES.items() if onward <= LATE)
# What a vendor may still surprise us with.
ENDED = frozenset(state for state, onward in MOVES.items() if onward == LATE)
# One of our processes acts next, without a person.
MOVING = frozenset({State.QUEUED, State.SUBMITTING, State.AT_VENDOR, State.SAVING})
# The vendor is busy with it, or may be.
IN_FLIGHT = frozenset({State.SUBMITTING, State.AT_VENDOR})
# Something can still become of it …
UNFINISHED = frozenset(State) - FINAL
# … and it has not been submitted.
UNSENT = frozenset({State.PLANNED, State.QUEUED})
# A person has to look.
TROUBLED = frozenset({State.UNCONFIRMED, State.FAILED, State.MODERATED})


class SubmissionOutcome(models.TextChoices):
    """The outcome of one submission."""

    UNKNOWN = "unknown", _("may have arrived")
    ACCEPTED = "accepted", _("accepted by the vendor")
    NOT_RECEIVED = "not_received", _("not received by the vendor")


class RequestKind(models.TextChoices):
    """The kinds of requests to a vendor about one job."""

    STOP = "stop", _("Cancel at the vendor")
    DELETE = "delete", _("Delete at the vendor")


class RequestAnswer(models.TextChoices):
    """A vendor's answer to a request about one job."""

    DONE = "done", _("Done")
    TOO_LATE = "too_late", _("Too late: the job had ended")
    UNABLE = "unable", _("The vendor can't do it")

"""The states of money: one ledger entry per step of a submission.

    HOLD ─► CHARGE ─► REFUND ─► REFUND_MISSING
      └───► VOID ───► CHARGE …          (the vendor delivered after all, and charged)
              CHARGE ─► CORRECTED       (the amount was unknown; a person entered it)

A submission is one attempt to buy a job. A job that a person sends again is held a second time.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The kind of a ledger entry."""

    HOLD = "hold", _("Hold")  # reserved before the order is submitted
    CHARGE = "charge", _("Charge")  # the vendor accepted the job and charged it
    VOID = "void", _("Void")  # nothing was bought, so the hold is released
    REFUND = "refund", _("Refund")  # the job failed, and the vendor announced a refund
    # the refund never came, so the money is spent after all
    REFUND_MISSING = "refund_missing", _("Refund missing")
    # a person entered the cost of a charge whose amount was unknown
    CORRECTED = "corrected", _("Cost entered")


class CostState(models.TextChoices):
    """The state of an order's cost."""

    HELD = "held", _("On hold")
    CHARGED = "charged", _("Charged")
    VOIDED = "voided", _("Nothing charged")
    EXPECTED_REFUND = "expected_refund", _("Refund expected")
    UNKNOWN = "unknown", _("Unknown")

    @property
    def is_held(self) -> bool:
        """The price is reserved."""
        return self == CostState.HELD

    @property
    def is_charged(self) -> bool:
        """The vendor charged for it."""
        return self == CostState.CHARGED

    @property
    def is_voided(self) -> bool:
        """Nothing was charged."""
        return self == CostState.VOIDED

    @property
    def is_refund_expected(self) -> bool:
        """The vendor said that the money comes back."""
        return self == CostState.EXPECTED_REFUND

    @property
    def is_unknown(self) -> bool:
        """Nobody knows what the vendor charged."""
        return self == CostState.UNKNOWN


# The cost of a submission, by the kind of its last entry.
COST_STATE_AFTER = {
    Kind.HOLD: CostState.HELD,
    Kind.CHARGE: CostState.CHARGED,
    Kind.VOID: CostState.VOIDED,
    Kind.REFUND: CostState.EXPECTED_REFUND,
    Kind.REFUND_MISSING: CostState.CHARGED,
    Kind.CORRECTED: CostState.CHARGED,
}
# An order of several submissions has the first of these states: open before settled.
MOST_URGENT_FIRST = (
    CostState.UNKNOWN,
    CostState.HELD,
    CostState.CHARGED,
    CostState.EXPECTED_REFUND,
    CostState.VOIDED,
)


class Period(models.TextChoices):
    """The period of a budget."""

    MONTH = "month", _("Monthly")
    TOTAL = "total", _("Total")


class Level(models.TextChoices):
    """How much of a budget is used."""

    FINE = "fine", _("Within the budget")
    WARN = "warn", _("Near the limit")
    STOP = "stop", _("Used up")

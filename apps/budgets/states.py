"""The life of the money of one submission, one line of the ledger for each step.

    HOLD ─► CHARGE ─► REFUND ─► MISSED
      └───► VOID ───► CHARGE …          (the vendor delivered after all, and charged)
              CHARGE ─► STATED          (nobody knew how much; a person has found out)

A submission is one attempt to buy a job: a job that is sent again by a person is held a second time.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a line of the ledger says."""

    HOLD = "hold", _("Hold")  # put aside before the order leaves
    CHARGE = "charge", _("Charge")  # the vendor took the job, and the money
    VOID = "void", _("Void")  # nothing was bought: what was put aside is free again
    REFUND = "refund", _("Refund")  # the job failed, and the vendor says it gives the money back
    # the refund never came, so the money is spent after all
    REFUND_MISSING = "refund_missing", _("Refund missing")
    # a person entered the cost of a charge whose amount was unknown
    CORRECTED = "corrected", _("Cost entered")


class CostState(models.TextChoices):
    """What is known of the cost of an order."""

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


# What a submission costs by its last line.
COST_STATE_AFTER = {
    Kind.HOLD: CostState.HELD,
    Kind.CHARGE: CostState.CHARGED,
    Kind.VOID: CostState.VOIDED,
    Kind.REFUND: CostState.EXPECTED_REFUND,
    Kind.REFUND_MISSING: CostState.CHARGED,
    Kind.CORRECTED: CostState.CHARGED,
}
# An order of several submissions is what comes first here: what is open before what is settled.
MOST_URGENT_FIRST = (
    CostState.UNKNOWN,
    CostState.HELD,
    CostState.CHARGED,
    CostState.EXPECTED_REFUND,
    CostState.VOIDED,
)


class Period(models.TextChoices):
    """How long a budget lasts."""

    MONTH = "month", _("Each month")
    TOTAL = "total", _("In all")


class Level(models.TextChoices):
    """How far a budget is used up."""

    FINE = "fine", _("Within the budget")
    WARN = "warn", _("Near the limit")
    STOP = "stop", _("Used up")

"""What other rooms and people can do with money, and what they can ask about it."""

from apps.budgets.queries import (
    Cost,
    cost_of,
    sendings_on_hold,
    spend_by,
    spent_out_of_sight,
    standing,
    warnings_for,
)
from apps.budgets.services.bulk import charge_all
from apps.budgets.services.ledger import (
    Charged,
    OverBudget,
    charge,
    hold,
    hold_anyway,
    refund,
    refund_missed,
    state_cost,
    take_turns,
    void,
)
from apps.budgets.services.limits import change_budget, end_budget, set_budget
from apps.budgets.services.lines import Purchase
from apps.budgets.services.prices import note_live_price, price_book, price_of, set_price
from apps.budgets.unknown import unsaid

__all__ = [
    "Charged",
    "Cost",
    "OverBudget",
    "Purchase",
    "change_budget",
    "charge",
    "charge_all",
    "cost_of",
    "end_budget",
    "hold",
    "hold_anyway",
    "note_live_price",
    "price_book",
    "price_of",
    "refund",
    "refund_missed",
    "sendings_on_hold",
    "set_budget",
    "set_price",
    "spend_by",
    "spent_out_of_sight",
    "standing",
    "state_cost",
    "take_turns",
    "unsaid",
    "void",
    "warnings_for",
]

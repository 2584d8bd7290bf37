"""The services of money for other rooms, and the reads they need."""

from apps.budgets.queries import (
    Cost,
    budget_use,
    cost_of,
    spend_by,
    spend_on_hidden_projects,
    submissions_on_hold,
    warnings_for,
)
from apps.budgets.services.budget_check import OverBudget, PricedOrder
from apps.budgets.services.bulk import charge_all, hold_all
from apps.budgets.services.entries import Purchase
from apps.budgets.services.ledger import (
    AlreadyCharged,
    charge,
    correct_cost,
    hold,
    hold_unconditionally,
    mark_refund_missing,
    refund,
    void,
)
from apps.budgets.services.limits import change_budget, end_budget, set_budget
from apps.budgets.services.prices import price_book, price_of, record_live_price, set_price
from apps.budgets.unpriced import correctable_charge
from apps.teams.services import lock_team

__all__ = [
    "AlreadyCharged",
    "Cost",
    "OverBudget",
    "PricedOrder",
    "Purchase",
    "budget_use",
    "change_budget",
    "charge",
    "charge_all",
    "correct_cost",
    "correctable_charge",
    "cost_of",
    "end_budget",
    "hold",
    "hold_all",
    "hold_unconditionally",
    "lock_team",
    "mark_refund_missing",
    "price_book",
    "price_of",
    "record_live_price",
    "refund",
    "set_budget",
    "set_price",
    "spend_by",
    "spend_on_hidden_projects",
    "submissions_on_hold",
    "void",
    "warnings_for",
]

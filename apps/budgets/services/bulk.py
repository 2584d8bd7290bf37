"""Ledger entries written many at a time."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.budgets.models import LedgerEntry
from apps.budgets.services.budget_check import BudgetCheck, OverBudget, PricedOrder
from apps.budgets.services.entries import charge_entry, hold_entry, missing_refund_entry
from apps.budgets.states import Kind
from apps.teams.services import lock_team


@transaction.atomic
def hold_all(orders: Sequence[PricedOrder], *, up_to_budget: bool = False) -> int:
    """Hold the prices of new orders of one team in one decision; return how many have room.

    All or nothing: OverBudget leaves nothing held. With `up_to_budget`, the orders before the
    first one that a budget has no room for are held.
    """
    if not orders:
        return 0
    purchases = [purchase for order in orders for purchase in order.purchases]
    lock_team(purchases[0].team)
    check = BudgetCheck(purchases)
    held: list[PricedOrder] = []
    for order in orders:
        try:
            check.take(order)
        except OverBudget:
            if not up_to_budget:
                raise
            break
        held.append(order)
    LedgerEntry.objects.bulk_create(
        hold_entry(purchase, order.price) for order in held for purchase in order.purchases
    )
    return len(held)


@transaction.atomic
def charge_all(submissions: Iterable[tuple[UUID, int]]) -> None:
    """Charge each submission what was held for it; existing charges stay.

    A refund that was expected is marked as missing: the vendor has delivered after all.
    """
    wanted = set(submissions)
    entries = LedgerEntry.objects.filter(order__in={order for order, _number in wanted})
    # One query locks the holds in one order, so that two calls never wait for each other. The
    # next query reads what earlier holders of the lock have written.
    list(
        entries.filter(kind=Kind.HOLD)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    before: dict[tuple[UUID, int], dict[Kind, LedgerEntry]] = {}
    for entry in entries:
        before.setdefault((entry.order, entry.submission_number), {})[Kind(entry.kind)] = entry
    mine = [kinds for key, kinds in before.items() if key in wanted]
    why = _("The vendor delivered after all.")
    charges = [charge_entry(kinds) for kinds in mine if Kind.CHARGE not in kinds]
    missed = [
        missing_refund_entry(kinds, why)
        for kinds in mine
        if Kind.REFUND in kinds and Kind.REFUND_MISSING not in kinds
    ]
    LedgerEntry.objects.bulk_create(charges + missed)

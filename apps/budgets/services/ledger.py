"""Writes the ledger: hold before submitting, then charge or void, then perhaps a refund.

Every function is safe to repeat, and is called in the transaction of the change it pays for.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.budgets.models import LedgerEntry
from apps.budgets.queries import NOTHING, BudgetUse, budget_uses, budgets_for, to_four_places
from apps.budgets.services.entries import (
    Purchase,
    charge_entry,
    entry_after,
    hold_entry,
    missing_refund_entry,
)
from apps.budgets.states import Kind, Level
from apps.core.errors import DomainError
from apps.core.events import About, record
from apps.core.formatting import usd
from apps.teams.models import Member
from apps.teams.roles import PERMISSIONS, Permission
from apps.teams.services import lock_team


class OverBudget(DomainError):
    """A budget has no room for the order; the message names it, its rest, and who can help.

    `price` is the price of the whole order; an unknown price fits no budget.
    """

    def __init__(self, budget_use: BudgetUse, price: Decimal | None, parts: int = 1) -> None:
        self.budget_use = budget_use
        self.is_unpriced = price is None
        budget = budget_use.budget
        words = {
            "budget": f"{budget.whose} ({budget.get_period_display().lower()})",
            "left": usd(max(budget_use.left_usd, NOTHING)),
            "limit": usd(budget.limit_usd),
            "price": usd(price),
            "parts": parts,
            "who": _names_of_spenders(budget.team_id),
        }
        super().__init__(_over_budget_message(price, parts) % words)


def _over_budget_message(price: Decimal | None, parts: int) -> str:
    if price is None:
        return _(
            "Nothing was ordered. This has no known price, and budgets block unknown prices. "
            "The budget of %(budget)s has %(left)s of %(limit)s left. "
            "%(who)s can enter a price under Money, Prices."
        )
    if parts > 1:
        return _(
            "Nothing was ordered. The %(parts)s parts cost %(price)s, but the budget of %(budget)s "
            "has only %(left)s of %(limit)s left. %(who)s can raise the budget."
        )
    return _(
        "Nothing was ordered. The job costs %(price)s, but the budget of %(budget)s has only "
        "%(left)s of %(limit)s left. %(who)s can raise the budget."
    )


class AlreadyCharged(DomainError):
    """A charged submission cannot be voided."""


def _names_of_spenders(team_id: int) -> str:
    roles = [role for role, deeds in PERMISSIONS.items() if Permission.SPEND in deeds]
    members = (
        Member.objects.filter(team_id=team_id, role__in=roles).select_related("user").order_by("pk")
    )
    names = [str(member.user) for member in members[:3]]
    return _(" or ").join(names) or _("An owner or producer")


@transaction.atomic
def hold(purchase: Purchase, price: Decimal | None, *, parts: int = 1) -> LedgerEntry:
    """Hold the price, or raise OverBudget where the whole order of `parts` has no room.

    The team's lock is held, so that two orders cannot both spend the last of a budget. An unknown
    price holds nothing; where there is a budget, it is refused.
    """
    lock_team(purchase.team)
    mine = {"order": purchase.order, "submission_number": purchase.submission_number}
    if known := LedgerEntry.objects.filter(kind=Kind.HOLD, **mine).first():
        return known
    entry = hold_entry(purchase, price)
    _require_room(purchase, entry.usd, parts)
    return _save(entry)


@transaction.atomic
def hold_unconditionally(purchase: Purchase, price: Decimal | None) -> None:
    """Hold the price without checking budgets, for a job that is bought already."""
    LedgerEntry.objects.bulk_create([hold_entry(purchase, price)], ignore_conflicts=True)


def _require_room(purchase: Purchase, price: Decimal | None, parts: int) -> None:
    total = None if price is None else parts * price
    budgets = budgets_for(purchase.team, purchase.project, purchase.person)
    for budget_use in sorted(budget_uses(budgets), key=lambda one: one.left_usd):
        if not budget_use.has_room_for(total):
            raise OverBudget(budget_use, total, parts)
        _record_level_change(
            budget_use, replace(budget_use, held=budget_use.held + (price or NOTHING))
        )


def _record_level_change(before: BudgetUse, after: BudgetUse) -> None:
    """Record that this purchase takes a budget over its warning or its limit, once."""
    if after.level in {before.level, Level.FINE}:
        return
    budget = after.budget
    facts: dict[str, Any] = {
        "whose": budget.whose,
        "percent": after.percent,
        "limit": str(budget.limit_usd),
    }
    record("used_up" if after.level == Level.STOP else "warned", budget, **facts)


@transaction.atomic
def charge(
    order: UUID, submission_number: int, amount: Decimal | None = None, why: str = ""
) -> LedgerEntry:
    """Record that the vendor charged `amount`, or what was held without one.

    After a void it is a late result: nothing is on hold any more, but the money is spent.
    """
    before = _lock_entries(order, submission_number)
    if Kind.CHARGE in before:
        return before[Kind.CHARGE]
    return _save(charge_entry(before, amount, why))


@transaction.atomic
def void(order: UUID, submission_number: int, why: str) -> LedgerEntry:
    """Release the hold, because nothing was bought."""
    before = _lock_entries(order, submission_number)
    if Kind.VOID in before:
        return before[Kind.VOID]
    if Kind.CHARGE in before:
        raise AlreadyCharged(_("This is already charged. It can be refunded, but not voided."))
    held = before[Kind.HOLD]
    return _save(
        entry_after(held, Kind.VOID, usd=held.usd, held=-held.held, spent=NOTHING, why=why)
    )


@transaction.atomic
def refund(order: UUID, submission_number: int, why: str) -> LedgerEntry:
    """Record that the vendor announced a refund; a person can mark it as missing later."""
    before = _lock_entries(order, submission_number)
    if Kind.REFUND in before:
        return before[Kind.REFUND]
    if Kind.CHARGE not in before:
        raise DomainError(_("Nothing was charged, so there is no refund."))
    charged = before.get(Kind.CORRECTED) or before[Kind.CHARGE]
    return _save(
        entry_after(
            charged, Kind.REFUND, usd=charged.usd, held=NOTHING, spent=-charged.spent, why=why
        )
    )


@transaction.atomic
def mark_refund_missing(member: Member, entry: LedgerEntry) -> LedgerEntry:
    """Record that an expected refund never came, so the money is spent after all."""
    member.require(Permission.SPEND)
    before = _lock_entries(entry.order, entry.submission_number)
    if Kind.REFUND_MISSING in before:
        return before[Kind.REFUND_MISSING]
    if Kind.REFUND not in before:
        raise DomainError(_("No refund is expected here."))
    owed = before[Kind.REFUND]
    about = About("job", owed.team_id, owed.order, owed.project_id)
    record("missed", about, actor=member.user, usd=usd(owed.usd).removeprefix("$"))
    return _save(missing_refund_entry(before, _("%s reported the refund missing.") % member.user))


@transaction.atomic
def correct_cost(member: Member, entry: LedgerEntry, amount: Decimal, source: str) -> LedgerEntry:
    """Record the final cost of a charge whose amount was unknown; only once."""
    member.require(Permission.SPEND)
    before = _lock_entries(entry.order, entry.submission_number)
    price = to_four_places(amount)
    if Kind.CORRECTED in before and before[Kind.CORRECTED].usd == price:
        return before[Kind.CORRECTED]
    charged = before.get(Kind.CHARGE)
    if charged is None:
        raise DomainError(_("This is not charged yet. Enter the cost once it is."))
    if known := before.get(Kind.CORRECTED) or (charged if charged.usd is not None else None):
        raise DomainError(_("The cost is already known: %s.") % usd(known.usd))
    about = About("job", charged.team_id, charged.order, charged.project_id)
    record("stated", about, actor=member.user, usd=usd(price).removeprefix("$"))
    why = f"{member.user}: {source}"
    return _save(
        entry_after(charged, Kind.CORRECTED, usd=price, held=NOTHING, spent=price, why=why)
    )


def _lock_entries(order: UUID, submission_number: int) -> dict[Kind, LedgerEntry]:
    """Lock the entries of a submission; return them by kind."""
    mine = LedgerEntry.objects.filter(order=order, submission_number=submission_number)
    if not mine.select_for_update(no_key=True).filter(kind=Kind.HOLD).first():
        raise DomainError(_("Nothing is on hold for this order."))
    return {Kind(entry.kind): entry for entry in mine}


def _save(entry: LedgerEntry) -> LedgerEntry:
    entry.save()
    return entry

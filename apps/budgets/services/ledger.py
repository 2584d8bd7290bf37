"""Writes the ledger: hold before submitting, then charge or void, then perhaps a refund.

Every function is safe to repeat, and is called in the transaction of the change it pays for.
"""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.budgets.models import LedgerEntry
from apps.budgets.queries import NOTHING, to_four_places
from apps.budgets.services.budget_check import BudgetCheck, PricedOrder
from apps.budgets.services.entries import (
    Purchase,
    charge_entry,
    entry_after,
    hold_entry,
    missing_refund_entry,
)
from apps.budgets.states import Kind
from apps.core.errors import DomainError
from apps.core.events import About, record
from apps.core.formatting import usd
from apps.teams.models import Member
from apps.teams.roles import Permission
from apps.teams.services import lock_team


class AlreadyCharged(DomainError):
    """A charged submission cannot be voided."""


@transaction.atomic
def hold(purchase: Purchase, price: Decimal | None) -> LedgerEntry:
    """Hold the price of one submission, or raise OverBudget where a budget has no room for it.

    The team's lock is held, so that two orders cannot both spend the last of a budget. An unknown
    price holds nothing; where there is a budget, it is refused.
    """
    lock_team(purchase.team)
    mine = {"order": purchase.order, "submission_number": purchase.submission_number}
    if known := LedgerEntry.objects.filter(kind=Kind.HOLD, **mine).first():
        return known
    BudgetCheck([purchase]).take(PricedOrder([purchase], price))
    return _save(hold_entry(purchase, price))


@transaction.atomic
def hold_unconditionally(purchase: Purchase, price: Decimal | None) -> None:
    """Hold the price without checking budgets, for a job that is bought already."""
    LedgerEntry.objects.bulk_create([hold_entry(purchase, price)], ignore_conflicts=True)


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
        raise AlreadyCharged(_("This is already charged. It can be refunded but not voided."))
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
        raise DomainError(_("Nothing is charged for this order, so there is no refund."))
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
        raise DomainError(_("No refund is expected for this order."))
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

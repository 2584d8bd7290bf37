"""Writing the ledger: hold before the order leaves, then charge or void, then perhaps a refund.

Every verb is safe to repeat, and is called in the transaction of the deed it pays for.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.budgets.models import Line
from apps.budgets.queries import NOTHING, Standing, budgets_for, exact, standings
from apps.budgets.services.lines import Purchase, charge_line, hold_line, line_after, missed_line
from apps.budgets.states import Kind, Level
from apps.core.errors import DomainError
from apps.core.events import About, record
from apps.core.formatting import usd as written
from apps.teams.models import Member, Team
from apps.teams.roles import PERMISSIONS, Permission


class OverBudget(DomainError):
    """A budget has no room for this order; the message says which, what is left, and who can help.

    `price` is that of the whole order; one that nobody knows fits into no budget.
    """

    def __init__(self, standing: Standing, price: Decimal | None, parts: int = 1) -> None:
        self.standing, self.is_unpriced = standing, price is None
        budget = standing.budget
        words = {
            "budget": f"{budget.whose} ({budget.get_period_display().lower()})",
            "left": written(max(standing.left, NOTHING)),
            "limit": written(budget.limit_usd),
            "price": written(price),
            "parts": parts,
            "who": _who_may_spend(budget.team_id),
        }
        super().__init__(_why_not(price, parts) % words)


def _why_not(price: Decimal | None, parts: int) -> str:
    if price is None:
        return _(
            "The price of this is not in the price book, and the budget of %(budget)s has %(left)s of %(limit)s "
            "left: a budget stops what has no known price. Nothing was ordered. "
            "%(who)s can enter its price under Money, Prices."
        )
    if parts > 1:
        return _(
            "The budget of %(budget)s has %(left)s of %(limit)s left; the %(parts)s parts of this order cost "
            "%(price)s. Nothing was ordered. %(who)s can raise the budget."
        )
    return _(
        "The budget of %(budget)s has %(left)s of %(limit)s left; the price of this job is %(price)s. "
        "Nothing was ordered. %(who)s can raise the budget."
    )


class Charged(DomainError):
    """What has been charged cannot be voided."""


def _who_may_spend(team_id: int) -> str:
    roles = [role for role, deeds in PERMISSIONS.items() if Permission.SPEND in deeds]
    members = (
        Member.objects.filter(team_id=team_id, role__in=roles).select_related("user").order_by("pk")
    )
    names = [str(member.user) for member in members[:3]]
    return _(" or ").join(names) or _("An owner or a producer")


def take_turns(team: Team) -> None:
    """Decide one at a time in a team, until the transaction ends: two orders never take the same rest of a budget."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)


@transaction.atomic
def hold(purchase: Purchase, usd: Decimal | None, *, parts: int = 1) -> Line:
    """Put the price aside, or raise OverBudget where there is no room for it and the parts ordered with it.

    An unknown price holds nothing, and says that it is unknown; where there is a budget it is
    refused.
    """
    take_turns(purchase.team)
    mine = {"order": purchase.order, "sending": purchase.sending}
    if known := Line.objects.filter(kind=Kind.HOLD, **mine).first():
        return known
    line = hold_line(purchase, usd)
    _insist_on_room(purchase, line.usd, parts)
    return _added(line)


@transaction.atomic
def hold_anyway(purchase: Purchase, usd: Decimal | None) -> None:
    """Put the price aside without asking any budget: it is bought already, and shall not go uncounted."""
    Line.objects.bulk_create([hold_line(purchase, usd)], ignore_conflicts=True)


def _insist_on_room(purchase: Purchase, price: Decimal | None, parts: int) -> None:
    in_all = None if price is None else parts * price
    budgets = budgets_for(purchase.team, purchase.project, purchase.person)
    for standing in sorted(standings(budgets), key=lambda one: one.left):
        if not standing.has_room_for(in_all):
            raise OverBudget(standing, in_all, parts)
        _tell_of_level(standing, replace(standing, held=standing.held + (price or NOTHING)))


def _tell_of_level(before: Standing, after: Standing) -> None:
    """Write down that this purchase takes a budget over its warning, or to its end: the next one does not."""
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
def charge(order: UUID, sending: int, usd: Decimal | None = None, why: str = "") -> Line:
    """Write down that the vendor charged; `usd` where it said how much, else what was held.

    After a void it is a late result: nothing is held any more, and the money is gone all the same.
    """
    before = _so_far(order, sending)
    if Kind.CHARGE in before:
        return before[Kind.CHARGE]
    return _added(charge_line(before, usd, why))


@transaction.atomic
def void(order: UUID, sending: int, why: str) -> Line:
    """Set free what was held, because nothing was bought."""
    before = _so_far(order, sending)
    if Kind.VOID in before:
        return before[Kind.VOID]
    if Kind.CHARGE in before:
        raise Charged(_("This has been charged: it can be refunded, but not voided."))
    held = before[Kind.HOLD]
    return _added(
        line_after(held, Kind.VOID, usd=held.usd, held=-held.held, spent=NOTHING, why=why)
    )


@transaction.atomic
def refund(order: UUID, sending: int, why: str) -> Line:
    """Write down that the vendor gives back what it charged; should it not, a person says so later."""
    before = _so_far(order, sending)
    if Kind.REFUND in before:
        return before[Kind.REFUND]
    if Kind.CHARGE not in before:
        raise DomainError(_("Nothing was charged, so nothing comes back."))
    charged = before.get(Kind.STATED) or before[Kind.CHARGE]
    return _added(
        line_after(
            charged, Kind.REFUND, usd=charged.usd, held=NOTHING, spent=-charged.spent, why=why
        )
    )


@transaction.atomic
def refund_missed(member: Member, line: Line) -> Line:
    """Write down that an expected refund never came: the money is spent after all."""
    member.require(Permission.SPEND)
    before = _so_far(line.order, line.sending)
    if Kind.MISSED in before:
        return before[Kind.MISSED]
    if Kind.REFUND not in before:
        raise DomainError(_("No refund was expected here."))
    owed = before[Kind.REFUND]
    about = About("job", owed.team_id, owed.order, owed.project_id)
    record("missed", about, actor=member.user, usd=written(owed.usd).removeprefix("$"))
    return _added(missed_line(before, _("%s says it never came back.") % member.user))


@transaction.atomic
def state_cost(member: Member, line: Line, usd: Decimal, source: str) -> Line:
    """Write down what a charge of unknown amount came to in the end, and who says so: once, for good."""
    member.require(Permission.SPEND)
    before, price = _so_far(line.order, line.sending), exact(usd)
    if Kind.STATED in before and before[Kind.STATED].usd == price:
        return before[Kind.STATED]
    charged = before.get(Kind.CHARGE)
    if charged is None:
        raise DomainError(_("This is not charged yet: nobody can say what it costs in the end."))
    if known := before.get(Kind.STATED) or (charged if charged.usd is not None else None):
        raise DomainError(_("What this cost is known already: %s.") % written(known.usd))
    about = About("job", charged.team_id, charged.order, charged.project_id)
    record("stated", about, actor=member.user, usd=written(price).removeprefix("$"))
    why = f"{member.user}: {source}"
    return _added(line_after(charged, Kind.STATED, usd=price, held=NOTHING, spent=price, why=why))


def _so_far(order: UUID, sending: int) -> dict[Kind, Line]:
    """Return the lines of one sending by kind, and keep others from adding to them meanwhile."""
    mine = Line.objects.filter(order=order, sending=sending)
    if not mine.select_for_update(no_key=True).filter(kind=Kind.HOLD).first():
        raise DomainError(_("Nothing was held for this order, so nothing can be settled."))
    return {Kind(line.kind): line for line in mine}


def _added(line: Line) -> Line:
    line.save()
    return line

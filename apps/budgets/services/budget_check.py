"""The one place where budgets are asked whether there is room for an order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.budgets.models import Budget
from apps.budgets.queries import NOTHING, BudgetUse, budget_uses, to_four_places
from apps.budgets.services.entries import Purchase
from apps.budgets.states import Level
from apps.core.errors import DomainError
from apps.core.events import record
from apps.core.formatting import usd
from apps.teams.models import Member
from apps.teams.roles import PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """One order: a purchase for each of its parts, and the price of each, None where unknown."""

    purchases: Sequence[Purchase]
    price: Decimal | None

    @property
    def total(self) -> Decimal | None:
        """The price of all parts together; None where unknown."""
        return None if self.price is None else len(self.purchases) * to_four_places(self.price)


class OverBudget(DomainError):
    """A budget has no room for the order; the message names it, its rest, and who can help.

    `price` is the price of the whole order; an unknown price fits no budget.
    """

    def __init__(self, budget_use: BudgetUse, price: Decimal | None, parts: int = 1) -> None:
        self.budget_use = budget_use
        self.is_unpriced = price is None
        budget = budget_use.budget
        words = {
            "budget": f"{budget.target_name} ({budget.get_period_display().lower()})",
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


def _names_of_spenders(team_id: int) -> str:
    roles = [role for role, deeds in PERMISSIONS.items() if Permission.SPEND in deeds]
    members = (
        Member.objects.filter(team_id=team_id, role__in=roles).select_related("user").order_by("pk")
    )
    names = [str(member.user) for member in members[:3]]
    return _(" or ").join(names) or _("An owner or producer")


class BudgetCheck:
    """The budgets that some purchases of one team count against, read once.

    The caller holds the team's lock, so that no other order spends the same rest meanwhile.
    """

    def __init__(self, purchases: Sequence[Purchase]) -> None:
        self._uses = {use.budget.pk: use for use in budget_uses(_budgets_of(purchases))}

    def take(self, order: PricedOrder) -> None:
        """Count the order against its budgets, or raise OverBudget where one has no room for it."""
        mine = [use for use in self._uses.values() if _counts_against(order, use.budget)]
        for use in sorted(mine, key=lambda one: one.left_usd):
            if not use.has_room_for(order.total):
                raise OverBudget(use, order.total, len(order.purchases))
        for use in mine:
            for _purchase in order.purchases:
                self._add(use.budget, order.price or NOTHING)

    def _add(self, budget: Budget, price: Decimal) -> None:
        before = self._uses[budget.pk]
        after = replace(before, held=before.held + price)
        self._uses[budget.pk] = after
        _record_level_change(before, after)


def _budgets_of(purchases: Sequence[Purchase]) -> list[Budget]:
    if not purchases:
        return []
    projects = {purchase.project for purchase in purchases if purchase.project}
    people = {purchase.person for purchase in purchases if purchase.person}
    budgets = Budget.objects.select_related("project", "person").filter(
        Q(project=None) | Q(project__in=projects),
        Q(person=None) | Q(person__in=people),
        team=purchases[0].team,
        is_active=True,
    )
    return list(budgets)


def _counts_against(order: PricedOrder, budget: Budget) -> bool:
    """Whether a budget is the whole team's, or that of the order's project or person."""
    first = order.purchases[0]
    project_id = first.project.pk if first.project else None
    person_id = first.person.pk if first.person else None
    return budget.project_id in {None, project_id} and budget.person_id in {None, person_id}


def _record_level_change(before: BudgetUse, after: BudgetUse) -> None:
    """Record that this purchase takes a budget over its warning or its limit, once."""
    if after.level in {before.level, Level.FINE}:
        return
    budget = after.budget
    facts: dict[str, Any] = {
        "whose": budget.target_name,
        "percent": after.percent,
        "limit": str(budget.limit_usd),
    }
    record("used_up" if after.level == Level.STOP else "warned", budget, **facts)

"""Writing the ledger: hold before the order leaves, then charge or void, then perhaps a refund.

Every verb is safe to repeat, and is called in the transaction of the deed it pays for.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.activity.services import About, record
from apps.budgets.models import Line
from apps.budgets.queries import NOTHING, Standing, budgets_for, exact, standings
from apps.budgets.states import Kind, Level
from apps.core.errors import DomainError
from apps.core.templatetags.house import usd as written
from apps.projects.models import Project
from apps.teams.models import Member, Team, User
from apps.teams.roles import DEEDS, Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One sending of an order: who buys what, for which project, on which account."""

    team: Team
    order: UUID
    sending: int
    project: Project | None
    person: User | None
    vendor: str
    account: str
    model: str
    resolution: str


class OverBudget(DomainError):
    """A budget has no room for this purchase; the message says which, what is left, and who may raise it."""

    def __init__(self, standing: Standing, price: Decimal | None) -> None:
        self.standing = standing
        budget = standing.budget
        words = {
            "budget": f"{budget.whose} ({budget.get_period_display().lower()})",
            "left": written(max(standing.left, NOTHING)),
            "limit": written(budget.limit_usd),
            "price": written(price),
            "who": _who_may_raise(budget.team_id),
        }
        message = _(
            "The budget of %(budget)s has %(left)s of %(limit)s left; the price of this job is %(price)s. "
            "Nothing was ordered. %(who)s can raise the budget."
        )
        super().__init__(message % words)


class Charged(DomainError):
    """What has been charged cannot be voided."""


def _who_may_raise(team_id: int) -> str:
    roles = [role for role, deeds in DEEDS.items() if Deed.SPEND in deeds]
    members = Member.objects.filter(team_id=team_id, role__in=roles).select_related("user").order_by("pk")
    names = [str(member.user) for member in members[:3]]
    return _(" or ").join(names) or _("An owner or a producer")


@transaction.atomic
def hold(purchase: Purchase, usd: Decimal | None) -> Line:
    """Put the price aside, or raise OverBudget; an unknown price holds nothing, and says that it is unknown."""
    # One decision at a time in a team: two orders never take the same rest of a budget.
    Team.objects.select_for_update(no_key=True).get(pk=purchase.team.pk)
    mine = {"order": purchase.order, "sending": purchase.sending}
    if known := Line.objects.filter(kind=Kind.HOLD, **mine).first():
        return known
    price = None if usd is None else exact(usd)
    _insist_on_room(purchase, price)
    return Line.objects.create(
        team=purchase.team,
        kind=Kind.HOLD,
        usd=price,
        held=price or NOTHING,
        spent=NOTHING,
        project=purchase.project,
        person=purchase.person,
        vendor=purchase.vendor,
        account=purchase.account,
        model=purchase.model,
        resolution=purchase.resolution,
        bought_at=timezone.now(),
        **mine,
    )


def _insist_on_room(purchase: Purchase, price: Decimal | None) -> None:
    budgets = budgets_for(purchase.team, purchase.project, purchase.person)
    for standing in sorted(standings(budgets), key=lambda one: one.left):
        room = max(standing.left, NOTHING)
        # What has no known price may cost anything: it is let through while there is anything left.
        if (room == 0) if price is None else (price > room):
            raise OverBudget(standing, price)
        _tell_of_level(standing, replace(standing, held=standing.held + (price or NOTHING)))


def _tell_of_level(before: Standing, after: Standing) -> None:
    """Write down that this purchase takes a budget over its warning, or to its end: the next one does not."""
    if after.level in {before.level, Level.FINE}:
        return
    budget = after.budget
    facts: dict[str, Any] = {"whose": budget.whose, "percent": after.percent, "limit": str(budget.limit_usd)}
    record("used_up" if after.level == Level.STOP else "warned", budget, **facts)


@transaction.atomic
def charge(order: UUID, sending: int, usd: Decimal | None = None, why: str = "") -> Line:
    """Write down that the vendor charged; `usd` where it said how much, else what was held.

    After a void it is a late result: nothing is held any more, and the money is gone all the same.
    """
    before = _so_far(order, sending)
    if Kind.CHARGE in before:
        return before[Kind.CHARGE]
    price = before[Kind.HOLD].usd if usd is None else exact(usd)
    held = sum((line.held for line in before.values()), NOTHING)
    return _add(before[Kind.HOLD], Kind.CHARGE, usd=price, held=-held, spent=price or NOTHING, why=why)


@transaction.atomic
def void(order: UUID, sending: int, why: str) -> Line:
    """Set free what was held, because nothing was bought."""
    before = _so_far(order, sending)
    if Kind.VOID in before:
        return before[Kind.VOID]
    if Kind.CHARGE in before:
        raise Charged(_("This has been charged: it can be refunded, but not voided."))
    held = before[Kind.HOLD]
    return _add(held, Kind.VOID, usd=held.usd, held=-held.held, spent=NOTHING, why=why)


@transaction.atomic
def refund(order: UUID, sending: int, why: str) -> Line:
    """Write down that the vendor gives back what it charged; should it not, a person says so later."""
    before = _so_far(order, sending)
    if Kind.REFUND in before:
        return before[Kind.REFUND]
    if Kind.CHARGE not in before:
        raise DomainError(_("Nothing was charged, so nothing comes back."))
    charged = before[Kind.CHARGE]
    return _add(charged, Kind.REFUND, usd=charged.usd, held=NOTHING, spent=-charged.spent, why=why)


@transaction.atomic
def refund_missed(member: Member, line: Line) -> Line:
    """Write down that an expected refund never came: the money is spent after all."""
    member.require(Deed.SPEND)
    before = _so_far(line.order, line.sending)
    if Kind.MISSED in before:
        return before[Kind.MISSED]
    if Kind.REFUND not in before:
        raise DomainError(_("No refund was expected here."))
    why, owed = _("%s says it never came back.") % member.user, before[Kind.REFUND]
    record(
        "missed",
        About("job", owed.team_id, owed.order, owed.project_id),
        actor=member.user,
        usd=str(owed.usd),
    )
    return _add(owed, Kind.MISSED, usd=owed.usd, held=NOTHING, spent=owed.usd or NOTHING, why=why)


def _so_far(order: UUID, sending: int) -> dict[Kind, Line]:
    """Return the lines of one sending by kind, and keep others from adding to them meanwhile."""
    mine = Line.objects.filter(order=order, sending=sending)
    if not mine.select_for_update(no_key=True).filter(kind=Kind.HOLD).first():
        raise DomainError(_("Nothing was held for this order, so nothing can be settled."))
    return {Kind(line.kind): line for line in mine}


def _add(before: Line, kind: Kind, **facts: Any) -> Line:
    """Add the line that follows `before`: of the same purchase, with other amounts."""
    return Line.objects.create(
        team_id=before.team_id,
        order=before.order,
        sending=before.sending,
        kind=kind,
        project_id=before.project_id,
        person_id=before.person_id,
        vendor=before.vendor,
        account=before.account,
        model=before.model,
        resolution=before.resolution,
        bought_at=before.bought_at,
        **facts,
    )

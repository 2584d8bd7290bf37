"""Reads of the budgets room: costs of orders, use of budgets, and spending by group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.budgets.models import Budget, LedgerEntry, LedgerEntryQuerySet
from apps.budgets.states import COST_STATE_AFTER, MOST_URGENT_FIRST, CostState, Kind, Level
from apps.projects.models import Project
from apps.teams.models import Team, User

NOTHING = Decimal("0.0000")
SUMS = {"held": Sum("held"), "spent": Sum("spent")}


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of an order, over all its submissions."""

    state: CostState
    held: Decimal = NOTHING
    spent: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """A budget, with the amounts that count against it in its period."""

    budget: Budget
    held: Decimal
    spent: Decimal

    @property
    def name(self) -> str:
        """Its name as a heading."""
        return capfirst(str(self.budget))

    @property
    def used_usd(self) -> Decimal:
        """The amount that is spent or held."""
        return self.held + self.spent

    @property
    def left_usd(self) -> Decimal:
        """The rest of the budget; negative where a vendor charged more than was held."""
        return self.budget.limit_usd - self.used_usd

    def has_room_for(self, price: Decimal | None) -> bool:
        """Whether an order of this price fits; an unknown price never does."""
        return price is not None and price <= max(self.left_usd, NOTHING)

    @property
    def percent(self) -> int:
        """The used share in percent; a budget of zero is used up."""
        return int(self.used_usd * 100 / self.budget.limit_usd) if self.budget.limit_usd else 100

    @property
    def shown_percent(self) -> int:
        """The length of its bar, from 0 to 100."""
        return min(100, max(0, self.percent))

    @property
    def level(self) -> Level:
        """Whether there is room, little room, or none."""
        if self.left_usd <= 0:
            return Level.STOP
        return Level.WARN if self.percent >= self.budget.warn_percent else Level.FINE

    @property
    def is_used_up(self) -> bool:
        """There is no room for another order."""
        return self.level == Level.STOP

    @property
    def is_warning(self) -> bool:
        """There is little room left."""
        return self.level == Level.WARN

    @property
    def level_words(self) -> str:
        """The label of its level; a warning names its threshold."""
        if self.level == Level.WARN:
            return _("Over %s %%") % self.budget.warn_percent
        return str(self.level.label)


@dataclass(frozen=True, slots=True)
class Share:
    """Held and spent amounts of one project, person, vendor or day."""

    key: Any  # its value in the URL; None for a deleted row
    name: str
    held: Decimal
    spent: Decimal
    is_private: bool = False
    is_hidden: bool = False  # the sum of all projects hidden in the scope

    @property
    def used_usd(self) -> Decimal:
        """The amount that is spent or held."""
        return self.held + self.spent


def to_four_places(amount: Decimal | None) -> Decimal:
    """Round an amount to four places, because SQLite adds in binary fractions."""
    return (amount or NOTHING).quantize(NOTHING)


def cost_of(orders: Iterable[UUID]) -> dict[UUID, Cost]:
    """Return the cost of each order, in one query; unknown without an entry."""
    entries: dict[UUID, list[LedgerEntry]] = {order: [] for order in orders}
    fields = ("order", "submission_number", "kind", "usd", "held", "spent")
    for entry in LedgerEntry.objects.filter(order__in=list(entries)).only(*fields).order_by("pk"):
        entries[entry.order].append(entry)
    return {order: _cost(found) for order, found in entries.items()}


def submissions_on_hold(order: UUID) -> set[int]:
    """Return the numbers of an order's submissions that are still on hold."""
    entries = (
        LedgerEntry.objects.filter(order=order)
        .order_by("pk")
        .values_list("submission_number", "kind")
    )
    return {
        submission_number for submission_number, kind in dict(entries).items() if kind == Kind.HOLD
    }


def cost_of_submission(entry: LedgerEntry) -> Cost:
    """Return the cost of the submission that this entry belongs to."""
    return _cost(
        list(
            LedgerEntry.objects.filter(
                order=entry.order, submission_number=entry.submission_number
            ).order_by("pk")
        )
    )


def _cost(entries: list[LedgerEntry]) -> Cost:
    last = {entry.submission_number: entry for entry in entries}
    corrected = {entry.submission_number for entry in entries if entry.kind == Kind.CORRECTED}
    states = {_state(entry, entry.submission_number in corrected) for entry in last.values()} or {
        CostState.UNKNOWN
    }
    loudest = next(state for state in MOST_URGENT_FIRST if state in states)
    held, spent = (
        sum((entry.held for entry in entries), NOTHING),
        sum((entry.spent for entry in entries), NOTHING),
    )
    return Cost(loudest, held, spent)


def _state(last: LedgerEntry, is_corrected: bool) -> CostState:
    if last.usd is None and last.kind != Kind.VOID and not is_corrected:
        return CostState.UNKNOWN
    return COST_STATE_AFTER[Kind(last.kind)]


def budgets_for(team: Team, project: Project | None, person: User | None) -> QuerySet[Budget]:
    """Return the budgets that this person's purchase for this project counts against."""
    return Budget.objects.select_related("project", "person").filter(
        Q(project=None) | Q(project=project),
        Q(person=None) | Q(person=person),
        team=team,
        is_active=True,
    )


def budget_uses(budgets: Iterable[Budget]) -> list[BudgetUse]:
    """Return the use of these budgets, in one query."""
    asked = list(budgets)
    if not asked:
        return []
    columns = {
        f"{what}_{budget.pk}": Sum(what, filter=budget.entry_filter())
        for budget in asked
        for what in SUMS
    }
    sums = LedgerEntry.objects.filter(
        reduce(or_, (budget.entry_filter() for budget in asked))
    ).aggregate(**columns)
    return [
        BudgetUse(
            budget,
            to_four_places(sums[f"held_{budget.pk}"]),
            to_four_places(sums[f"spent_{budget.pk}"]),
        )
        for budget in asked
    ]


def budget_use(budget: Budget) -> BudgetUse:
    """Return the use of one budget."""
    return budget_uses([budget])[0]


def warnings_for(
    team: Team, project: Project | None, person: User | None, *, price: Decimal | None = NOTHING
) -> list[BudgetUse]:
    """Return budgets over their warning or without room for this price, tightest first."""
    found = budget_uses(budgets_for(team, project, person))
    loud = [one for one in found if one.level != Level.FINE or not one.has_room_for(price)]
    return sorted(loud, key=lambda one: one.left_usd)


def entries_of(
    team: Team,
    since: datetime | None = None,
    until: datetime | None = None,
    **narrowed: Model | str | None,
) -> LedgerEntryQuerySet:
    """Return the team's entries of purchases from `since` until before `until`, narrowed."""
    spans = {"bought_at__gte": since, "bought_at__lt": until}
    wanted = {key: value for key, value in (spans | narrowed).items() if value}
    return LedgerEntry.objects.filter(team=team, **wanted)


def totals(entries: LedgerEntryQuerySet) -> Share:
    """Return the sums of these entries."""
    sums = entries.aggregate(**SUMS)
    return Share(None, "", to_four_places(sums["held"]), to_four_places(sums["spent"]))


def spend_by(team: Team, what: str, since: datetime, until: datetime) -> list[Share]:
    """Return spending by `what`: project, person, vendor or day.

    Hidden projects are left out, because results stand beside these sums.
    """
    return shares(entries_of(team, since, until).visible(), what)


def spend_on_hidden_projects(team: Team, since: datetime, until: datetime) -> Decimal:
    """Return the amount spent on projects that are hidden in the scope."""
    return totals(entries_of(team, since, until).hidden()).spent


def shares(entries: LedgerEntryQuerySet, what: str) -> list[Share]:
    """Return sums by project, person or vendor, highest first; or by day, in order."""
    of_projects = what == "project"
    keys, marks = KEYS[what], MARKS if of_projects else {}
    told = (entries.with_project_names() if of_projects else entries).annotate(
        day=TruncDate("bought_at", tzinfo=UTC)
    )
    rows = told.values(*keys, *marks.values()).annotate(**SUMS).order_by()
    found = [
        _share(row, keys, {mark: bool(row[column]) for mark, column in marks.items()})
        for row in rows
    ]
    return sorted(found, key=lambda one: one.key if what == "day" else (-one.used_usd, one.name))


# The columns that group and name each kind of share.
KEYS = {
    "project": ("project_public_id", "project_name"),
    "person": ("person_id", "person__name", "person__email"),
    "vendor": ("vendor",),
    "day": ("day",),
}
MARKS = {"is_private": "project_is_private", "is_hidden": "is_hidden"}


def _share(row: Mapping[str, Any], keys: Sequence[str], marks: Mapping[str, bool]) -> Share:
    key, *names = (row[column] for column in keys)
    name = next((str(one) for one in (*names, key) if one), "")
    return Share(key, name, to_four_places(row["held"]), to_four_places(row["spent"]), **marks)


def expected_refunds(entries: LedgerEntryQuerySet) -> LedgerEntryQuerySet:
    """Return the refunds among these entries that are still open, newest first."""
    same = LedgerEntry.objects.filter(
        order=OuterRef("order"), submission_number=OuterRef("submission_number")
    )
    settled = same.filter(
        Q(kind=Kind.REFUND_MISSING) | Q(kind=Kind.CORRECTED, pk__gt=OuterRef("pk"))
    )
    refunds = entries.filter(~Exists(settled), kind=Kind.REFUND)
    return refunds.with_project_names().select_related("person").order_by("-pk")


def refund_totals(refunds: LedgerEntryQuerySet) -> dict[str, Any]:
    """Return the count and the sum of these refunds."""
    sums = refunds.aggregate(count=Count("pk"), usd=Sum("usd"))
    return {"count": sums["count"], "usd": to_four_places(sums["usd"])}

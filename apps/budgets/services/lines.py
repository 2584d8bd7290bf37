"""What each line of the ledger says, before it is written down: one by one (ledger) or many at once (bulk)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.budgets.models import Line
from apps.budgets.queries import NOTHING, exact
from apps.budgets.states import Kind
from apps.projects.models import Project
from apps.teams.models import Team, User

# The lines of one sending there are so far.
SoFar = Mapping[Kind, Line]


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


def hold_line(purchase: Purchase, usd: Decimal | None) -> Line:
    """Return the line that puts the price aside; an unknown price puts nothing aside."""
    price = None if usd is None else exact(usd)
    return Line(
        team=purchase.team,
        order=purchase.order,
        sending=purchase.sending,
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
    )


def charge_line(so_far: SoFar, usd: Decimal | None = None, why: str = "") -> Line:
    """Return the line that charges `usd`, or what was held, and sets free what is still held."""
    price = so_far[Kind.HOLD].usd if usd is None else exact(usd)
    held = sum((line.held for line in so_far.values()), NOTHING)
    return line_after(
        so_far[Kind.HOLD], Kind.CHARGE, usd=price, held=-held, spent=price or NOTHING, why=why
    )


def missed_line(so_far: SoFar, why: str) -> Line:
    """Return the line that spends what was expected back."""
    owed = so_far[Kind.REFUND]
    return line_after(
        owed, Kind.MISSED, usd=owed.usd, held=NOTHING, spent=owed.usd or NOTHING, why=why
    )


def line_after(before: Line, kind: Kind, **facts: Any) -> Line:
    """Return the line that follows `before`: of the same purchase, with other amounts."""
    return Line(
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

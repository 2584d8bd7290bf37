"""Builds ledger entries, before they are saved one by one (ledger) or many at once (bulk)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.budgets.models import LedgerEntry
from apps.budgets.queries import NOTHING, to_four_places
from apps.budgets.states import Kind
from apps.projects.models import Project
from apps.teams.models import Team, User

# The existing entries of one submission.
EntriesByKind = Mapping[Kind, LedgerEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One submission of an order: its buyer, project, account and model."""

    team: Team
    order: UUID
    submission_number: int
    project: Project | None
    person: User | None
    vendor: str
    account: str
    model: str
    variant: str


def hold_entry(purchase: Purchase, usd: Decimal | None) -> LedgerEntry:
    """Return the entry that holds the price; an unknown price holds nothing."""
    price = None if usd is None else to_four_places(usd)
    return LedgerEntry(
        team=purchase.team,
        order=purchase.order,
        submission_number=purchase.submission_number,
        kind=Kind.HOLD,
        usd=price,
        held=price or NOTHING,
        spent=NOTHING,
        project=purchase.project,
        person=purchase.person,
        vendor=purchase.vendor,
        account=purchase.account,
        model=purchase.model,
        variant=purchase.variant,
        bought_at=timezone.now(),
    )


def charge_entry(entries: EntriesByKind, usd: Decimal | None = None, why: str = "") -> LedgerEntry:
    """Return the entry that charges `usd`, or what was held, and releases the hold."""
    price = entries[Kind.HOLD].usd if usd is None else to_four_places(usd)
    held = sum((entry.held for entry in entries.values()), NOTHING)
    return entry_after(
        entries[Kind.HOLD], Kind.CHARGE, usd=price, held=-held, spent=price or NOTHING, why=why
    )


def missing_refund_entry(entries: EntriesByKind, why: str) -> LedgerEntry:
    """Return the entry that spends the refund that never came."""
    owed = entries[Kind.REFUND]
    return entry_after(
        owed, Kind.REFUND_MISSING, usd=owed.usd, held=NOTHING, spent=owed.usd or NOTHING, why=why
    )


def entry_after(before: LedgerEntry, kind: Kind, **facts: Any) -> LedgerEntry:
    """Return the next entry of the same purchase, with other amounts."""
    return LedgerEntry(
        team_id=before.team_id,
        order=before.order,
        submission_number=before.submission_number,
        kind=kind,
        project_id=before.project_id,
        person_id=before.person_id,
        vendor=before.vendor,
        account=before.account,
        model=before.model,
        variant=before.variant,
        bought_at=before.bought_at,
        **facts,
    )

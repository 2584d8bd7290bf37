"""Submissions of unknown cost: ordered without a price, until a person enters the cost."""

from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, When

from apps.budgets.models import LedgerEntry, LedgerEntryQuerySet
from apps.budgets.states import Kind


def _same() -> LedgerEntryQuerySet:
    return LedgerEntry.objects.filter(
        order=OuterRef("order"), submission_number=OuterRef("submission_number")
    )


def with_unknown_cost(entries: LedgerEntryQuerySet) -> LedgerEntryQuerySet:
    """Return the entries of submissions whose cost is unknown."""
    unpriced = _same().filter(kind=Kind.HOLD, usd=None)
    known = _same().filter(Q(kind=Kind.CORRECTED) | Q(kind=Kind.CHARGE, usd__isnull=False))
    charged, voided = (_same().filter(kind=kind) for kind in (Kind.CHARGE, Kind.VOID))
    return entries.filter(Exists(unpriced), ~Exists(known)).filter(
        Exists(charged) | ~Exists(voided)
    )


def has_unknown_cost(order: str) -> Exists:
    """Return the condition that the order named by this outer column has an unknown cost."""
    return Exists(with_unknown_cost(LedgerEntry.objects.filter(order=OuterRef(order))))


def unknown_cost_count(entries: LedgerEntryQuerySet) -> int:
    """Return how many submissions among these entries have an unknown cost."""
    return with_unknown_cost(entries.filter(kind=Kind.HOLD)).count()


def _is_correctable() -> Q:
    return Q(~Exists(_same().filter(kind=Kind.CORRECTED)), kind=Kind.CHARGE, usd=None)


def with_correctable(entries: LedgerEntryQuerySet) -> LedgerEntryQuerySet:
    """Annotate whether an entry is a charge whose cost a person can still enter."""
    return entries.annotate(is_correctable=Case(When(_is_correctable(), then=True), default=False))


def correctable_charge(order: UUID, submission_number: int | None = None) -> LedgerEntry | None:
    """Return the first charge of an order, or of one submission, that still needs its cost."""
    meant = {} if submission_number is None else {"submission_number": submission_number}
    return (
        LedgerEntry.objects.filter(_is_correctable(), order=order, **meant).order_by("pk").first()
    )

"""What nobody knows the cost of: orders that went out without a price in the book, until a person says it."""

from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, When

from apps.budgets.models import LedgerEntry, LedgerEntryQuerySet
from apps.budgets.states import Kind


def _same() -> LedgerEntryQuerySet:
    return LedgerEntry.objects.filter(
        order=OuterRef("order"), submission_number=OuterRef("submission_number")
    )


def with_unknown_cost(entries: LedgerEntryQuerySet) -> LedgerEntryQuerySet:
    """Return those of these entries whose submission costs an amount that nobody knows."""
    unpriced = _same().filter(kind=Kind.HOLD, usd=None)
    known = _same().filter(Q(kind=Kind.CORRECTED) | Q(kind=Kind.CHARGE, usd__isnull=False))
    charged, voided = (_same().filter(kind=kind) for kind in (Kind.CHARGE, Kind.VOID))
    return entries.filter(Exists(unpriced), ~Exists(known)).filter(
        Exists(charged) | ~Exists(voided)
    )


def has_unknown_cost(order: str) -> Exists:
    """Return whether the order that this column of another table names costs an amount that nobody knows."""
    return Exists(with_unknown_cost(LedgerEntry.objects.filter(order=OuterRef(order))))


def unknown_cost_count(entries: LedgerEntryQuerySet) -> int:
    """Return how many submissions among these entries cost an amount that nobody knows."""
    return with_unknown_cost(entries.filter(kind=Kind.HOLD)).count()


def _is_unsaid() -> Q:
    return Q(~Exists(_same().filter(kind=Kind.CORRECTED)), kind=Kind.CHARGE, usd=None)


def with_correctable(entries: LedgerEntryQuerySet) -> LedgerEntryQuerySet:
    """Return these entries, each with whether it is a charge of which a person can still say what it came to."""
    return entries.annotate(is_correctable=Case(When(_is_unsaid(), then=True), default=False))


def correctable_charge(order: UUID, submission_number: int | None = None) -> LedgerEntry | None:
    """Return the first charge of an order, or of one submission, that still needs its cost."""
    meant = {} if submission_number is None else {"submission_number": submission_number}
    return LedgerEntry.objects.filter(_is_unsaid(), order=order, **meant).order_by("pk").first()

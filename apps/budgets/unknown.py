"""What nobody knows the cost of: orders that went out without a price in the book, until a person says it."""

from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, When

from apps.budgets.models import Line, LineQuerySet
from apps.budgets.states import Kind


def _same() -> LineQuerySet:
    return Line.objects.filter(order=OuterRef("order"), sending=OuterRef("sending"))


def of_unknown_cost(lines: LineQuerySet) -> LineQuerySet:
    """Return those of these lines whose sending costs an amount that nobody knows."""
    unpriced = _same().filter(kind=Kind.HOLD, usd=None)
    known = _same().filter(Q(kind=Kind.STATED) | Q(kind=Kind.CHARGE, usd__isnull=False))
    charged, voided = (_same().filter(kind=kind) for kind in (Kind.CHARGE, Kind.VOID))
    return lines.filter(Exists(unpriced), ~Exists(known)).filter(Exists(charged) | ~Exists(voided))


def is_of_unknown_cost(order: str) -> Exists:
    """Return whether the order that this column of another table names costs an amount that nobody knows."""
    return Exists(of_unknown_cost(Line.objects.filter(order=OuterRef(order))))


def unknown_count(lines: LineQuerySet) -> int:
    """Return how many sendings among these lines cost an amount that nobody knows."""
    return of_unknown_cost(lines.filter(kind=Kind.HOLD)).count()


def _is_unsaid() -> Q:
    return Q(~Exists(_same().filter(kind=Kind.STATED)), kind=Kind.CHARGE, usd=None)


def with_what_is_unsaid(lines: LineQuerySet) -> LineQuerySet:
    """Return these lines, each with whether it is a charge of which a person can still say what it came to."""
    return lines.annotate(is_unsaid=Case(When(_is_unsaid(), then=True), default=False))


def unsaid(order: UUID, sending: int | None = None) -> Line | None:
    """Return the first charge for this order, or this sending of it, of which nobody has said what it came to."""
    meant = {} if sending is None else {"sending": sending}
    return Line.objects.filter(_is_unsaid(), order=order, **meant).order_by("pk").first()

"""Charts as numbers: what the templates draw as SVG, each beside the table that says the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.budgets.queries import NOTHING, Share

HEIGHT = 1000  # units of the drawing from nothing to the top
STEP = 10  # units from one day to the next
BAR = 7
LABELS = 5
FULL = 1000  # units of a bar that is all there is


@dataclass(frozen=True, slots=True)
class Column:
    """One day: what was spent stands at the bottom, what is on hold upon it."""

    day: date
    share: Share
    x: int
    spent: int
    held: int

    @property
    def spent_top(self) -> int:
        """Where what was spent begins, from above."""
        return HEIGHT - self.spent

    @property
    def held_top(self) -> int:
        """Where what is on hold begins, from above."""
        return self.spent_top - self.held


@dataclass(frozen=True, slots=True)
class DayChart:
    """A column for each day of a month, and the scale beside them."""

    columns: Sequence[Column]
    top: Decimal
    bar: int = BAR
    height: int = HEIGHT

    @property
    def width(self) -> int:
        """How wide the drawing is."""
        return len(self.columns) * STEP

    @property
    def half(self) -> Decimal:
        """What the line in the middle means."""
        return self.top / 2

    @property
    def labels(self) -> list[date]:
        """The days that are named below, at even distances."""
        last = len(self.columns) - 1
        return [self.columns[round(last * number / (LABELS - 1))].day for number in range(LABELS)]

    @property
    def highest(self) -> Column:
        """The day on which most was bought."""
        return max(self.columns, key=lambda one: one.share.used)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart, in units of the longest."""

    share: Share
    spent: int
    held: int


def by_day(days: Iterable[date], shares: Iterable[Share]) -> DayChart:
    """Return the chart of these days; a day of which nothing is known has nothing."""
    known = {share.key: share for share in shares}
    of_days = [known.get(day) or Share(day, "", NOTHING, NOTHING) for day in days]
    top = _round_number(max(share.used for share in of_days))
    columns = [
        Column(
            share.key,
            share,
            x=STEP * number + (STEP - BAR) // 2,
            spent=_units(share.spent, top, HEIGHT),
            held=_units(share.held, top, HEIGHT),
        )
        for number, share in enumerate(of_days)
    ]
    return DayChart(columns, top)


def bars(shares: Sequence[Share]) -> list[Bar]:
    """Return a bar for each share; the longest is as long as can be."""
    most = max((share.used for share in shares), default=NOTHING)
    return [
        Bar(share, _units(share.spent, most, FULL), _units(share.held, most, FULL))
        for share in shares
    ]


def _units(amount: Decimal, top: Decimal, units: int) -> int:
    return max(0, round(amount / top * units)) if top > 0 else 0


def _round_number(amount: Decimal) -> Decimal:
    """Return the next amount that reads well on a scale: 1, 2 or 5 and zeros; a dollar at least."""
    if amount <= 1:
        return Decimal(1)
    zeros = Decimal(10) ** amount.adjusted()
    return next(step * zeros for step in (1, 2, 5, 10) if amount <= step * zeros)

"""Charts as numbers for SVG; each stands beside a table with the same figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.budgets.queries import NOTHING, Share

HEIGHT = 1000  # units from zero to the top
STEP = 10  # units per day
BAR = 7
LABELS = 5
FULL = 1000  # units of the longest bar


@dataclass(frozen=True, slots=True)
class Column:
    """One day: the spent amount at the bottom, the held amount on top."""

    day: date
    share: Share
    x: int
    spent: int
    held: int

    @property
    def spent_top(self) -> int:
        """The upper edge of the spent amount, from above."""
        return HEIGHT - self.spent

    @property
    def held_top(self) -> int:
        """The upper edge of the held amount, from above."""
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
        """The width of the drawing."""
        return len(self.columns) * STEP

    @property
    def half(self) -> Decimal:
        """The amount at the middle line."""
        return self.top / 2

    @property
    def labels(self) -> list[date]:
        """The days labelled below, at even distances."""
        last = len(self.columns) - 1
        return [self.columns[round(last * number / (LABELS - 1))].day for number in range(LABELS)]

    @property
    def highest(self) -> Column:
        """The day with the highest amount."""
        return max(self.columns, key=lambda one: one.share.used_usd)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart, in units of the longest."""

    share: Share
    spent: int
    held: int


def day_chart(days: Iterable[date], shares: Iterable[Share]) -> DayChart:
    """Return the chart of these days; days without a share are empty."""
    known = {share.key: share for share in shares}
    of_days = [known.get(day) or Share(day, "", NOTHING, NOTHING) for day in days]
    top = _scale_top(max(share.used_usd for share in of_days))
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
    """Return a bar for each share, in units of the longest."""
    most = max((share.used_usd for share in shares), default=NOTHING)
    return [
        Bar(share, _units(share.spent, most, FULL), _units(share.held, most, FULL))
        for share in shares
    ]


def _units(amount: Decimal, top: Decimal, units: int) -> int:
    return max(0, round(amount / top * units)) if top > 0 else 0


def _scale_top(amount: Decimal) -> Decimal:
    """Return the next round amount, 1, 2 or 5 with zeros; at least a dollar."""
    if amount <= 1:
        return Decimal(1)
    zeros = Decimal(10) ** amount.adjusted()
    return next(step * zeros for step in (1, 2, 5, 10) if amount <= step * zeros)

"""Cost per saved clip: sums of the ledger beside counts of clips."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate

from apps.budgets.export import PRIVATE
from apps.budgets.months import Month
from apps.budgets.queries import Share
from apps.budgets.services import spend_by, spend_on_hidden_projects
from apps.budgets.unpriced import has_unknown_cost
from apps.clips.models import Clip
from apps.core.csv_export import escape_formulas
from apps.teams.models import Team
from apps.vendors.registry import VENDORS

# The column of clips that corresponds to each kind of share.
KEYS = {
    "project": "project__public_id",
    "person": "author",
    "vendor": "vendor",
    "day": "ordered_on",
}
Counts = dict[Any, int]
CENT = Decimal("0.01")
FULL = 1000  # units of the longest bar


@dataclass(frozen=True, slots=True)
class PerClip:
    """The spending on something, the number of its saved clips, and the cost of each.

    Clips of orders of unknown cost are counted apart: they would make the others look cheaper.
    """

    key: Any
    name: str
    spent: Decimal
    clips: int
    unpriced: int = 0
    bar: int = 0
    is_private: bool = False

    @property
    def each(self) -> Decimal | None:
        """Cost of a saved clip rounded to a cent, failures included; None without saved clips."""
        return (self.spent / self.clips).quantize(CENT) if self.clips else None


def per_clip(team: Team, month: Month, what: str) -> list[PerClip]:
    """Return the month's cost per saved clip by project, person, vendor or day of the order."""
    counts, unpriced = _clips(month, what)
    found = [
        _row(share, counts, unpriced, what)
        for share in spend_by(team, what, month.start, month.end)
    ]
    most = max((one.each or Decimal(0) for one in found), default=Decimal(0))
    return [_with_bar(one, most) for one in found if one.spent or one.clips or one.unpriced]


def _clips(month: Month, what: str) -> tuple[Counts, Counts]:
    """Count the saved clips of the month's orders, trashed or not; joined clips were not bought.

    Returns the counts of clips of known cost and of unknown cost.
    """
    saved = Clip.objects.ever_saved().filter(
        is_joined=False, ordered_at__gte=month.start, ordered_at__lt=month.end
    )
    saved = saved.annotate(ordered_on=TruncDate("ordered_at", tzinfo=UTC))
    rows = saved.annotate(is_unpriced=has_unknown_cost("order"))
    known, unknown = (
        rows.filter(is_unpriced=unpriced).values_list(KEYS[what]).annotate(Count("pk")).order_by()
        for unpriced in (False, True)
    )
    return dict(known), dict(unknown)


def _row(share: Share, counts: Counts, unpriced: Counts, what: str) -> PerClip:
    name = (
        VENDORS[share.key].offers[0].vendor_name
        if what == "vendor" and share.key in VENDORS
        else share.name
    )
    clips = counts.get(share.key, 0), unpriced.get(share.key, 0)
    return PerClip(share.key, name, share.spent, *clips, is_private=share.is_private)


def _with_bar(one: PerClip, most: Decimal) -> PerClip:
    bar = round((one.each or 0) / most * FULL) if most else 0
    return replace(one, bar=bar)


def total_of(rows: Iterable[PerClip]) -> PerClip:
    """Return the sum of some rows."""
    rows = list(rows)
    clips = (sum(one.clips for one in rows), sum(one.unpriced for one in rows))
    return PerClip(None, "", sum((one.spent for one in rows), Decimal(0)), *clips)


def as_csv(team: Team, month: Month) -> str:
    """Return the month as a CSV table: a line for each project, person, vendor and day."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["by", "name", "spent", "saved_clips", "per_clip", "clips_of_unknown_price"])
    for what in KEYS:
        for one in per_clip(team, month, what):
            each = f"{one.spent / one.clips:.4f}" if one.clips else ""
            name = escape_formulas(str(one.name or one.key or ""))
            table.writerow([what, name, one.spent, one.clips, each, one.unpriced])
    if hidden := spend_on_hidden_projects(team, month.start, month.end):
        table.writerow(["project", PRIVATE, hidden, "", "", ""])
    return text.getvalue()

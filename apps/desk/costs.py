"""What a clip has cost: the ledger's sums beside the clips that are saved here."""

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
from apps.budgets.services import spend_by, spent_out_of_sight
from apps.core.tables import harmless
from apps.jobs.models import Clip
from apps.teams.models import Team
from apps.vendors.registry import OFFERS

# By what: the columns of a clip that say the same as the key of a share.
KEYS = {
    "project": "project__public_id",
    "person": "job__created_by",
    "vendor": "vendor",
    "day": "ordered_on",
}
CENT = Decimal("0.01")
FULL = 1000  # units of the longest bar


@dataclass(frozen=True, slots=True)
class PerClip:
    """What was spent on something, how many clips came of it and were saved, and what one of them cost."""

    key: Any
    name: str
    spent: Decimal
    clips: int
    bar: int = 0
    is_private: bool = False

    @property
    def each(self) -> Decimal | None:
        """What a saved clip has cost to the cent, failures included; None where there is none."""
        return (self.spent / self.clips).quantize(CENT) if self.clips else None


def per_clip(team: Team, month: Month, what: str) -> list[PerClip]:
    """Return the month's cost per saved clip by project, person, vendor or day of the order."""
    counts = _clips(month, what)
    found = [_row(share, counts, what) for share in spend_by(team, what, month.start, month.end)]
    most = max((one.each or Decimal(0) for one in found), default=Decimal(0))
    return [_drawn(one, most) for one in found if one.spent or one.clips]


def _clips(month: Month, what: str) -> dict[Any, int]:
    """Count what was saved of the month's orders, thrown away since or not; what was joined was not bought."""
    saved = Clip.objects.arrived().filter(
        is_joined=False, job__created_at__gte=month.start, job__created_at__lt=month.end
    )
    saved = saved.annotate(ordered_on=TruncDate("job__created_at", tzinfo=UTC))
    return dict(saved.values_list(KEYS[what]).annotate(Count("pk")).order_by())


def _row(share: Share, counts: dict[Any, int], what: str) -> PerClip:
    name = OFFERS[share.key][0].vendor_name if what == "vendor" and share.key in OFFERS else share.name
    return PerClip(share.key, name, share.spent, counts.get(share.key, 0), is_private=share.is_private)


def _drawn(one: PerClip, most: Decimal) -> PerClip:
    bar = round((one.each or 0) / most * FULL) if most else 0
    return replace(one, bar=bar)


def in_all(rows: Iterable[PerClip]) -> PerClip:
    """Return the sum of some rows."""
    rows = list(rows)
    return PerClip(None, "", sum((one.spent for one in rows), Decimal(0)), sum(one.clips for one in rows))


def as_csv(team: Team, month: Month) -> str:
    """Return the month as a table for spreadsheets: one line for each project, person, vendor and day."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["by", "name", "spent", "saved_clips", "per_clip"])
    for what in KEYS:
        for one in per_clip(team, month, what):
            each = f"{one.spent / one.clips:.4f}" if one.clips else ""
            table.writerow([what, harmless(str(one.name or one.key or "")), one.spent, one.clips, each])
    if hidden := spent_out_of_sight(team, month.start, month.end):
        table.writerow(["project", PRIVATE, hidden, "", ""])
    return text.getvalue()

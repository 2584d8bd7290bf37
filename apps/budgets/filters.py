"""What the pages about money are narrowed to: a month, a project, a person, a vendor, what nobody knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.budgets.models import LedgerEntry, LedgerEntryQuerySet
from apps.budgets.months import Month
from apps.budgets.queries import entries_of
from apps.budgets.unpriced import with_unknown_cost
from apps.projects.models import Project
from apps.teams.models import Member, Team

MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: its key in the address and its words."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of the address, checked: what nobody knows is left out."""

    team: Team
    month: Month | None = None
    project: Project | None = None
    person: Member | None = None
    vendor: str = ""
    vendor_name: str = ""
    is_unknown: bool = False  # only what nobody knows the cost of

    def entries(self) -> LedgerEntryQuerySet:
        """Return the entries of the ledger that match."""
        found = entries_of(
            self.team,
            self.month.start if self.month else None,
            self.month.end if self.month else None,
            project=self.project,
            person=self.person and self.person.user,
            vendor=self.vendor,
        )
        return with_unknown_cost(found) if self.is_unknown else found

    def chips(self) -> list[Chip]:
        """Return the filters in force, but for the month, as chips that can be taken off one by one."""
        rows = [
            ("project", self.project and self.project.plain_name),
            ("person", self.person and str(self.person.user)),
            ("vendor", self.vendor_name),
            ("cost", _("Unknown price") if self.is_unknown else ""),
        ]
        return [Chip(key, words) for key, words in rows if words]

    def as_facts(self) -> dict[str, str]:
        """Return the filters in force as facts for whoever looks at exports later, on the project's list or not."""
        said = {chip.key: chip.words for chip in self.chips()} | {"month": str(self.month or "")}
        return said | (
            {"project": _("a private project")} if self.project and self.project.is_private else {}
        )


def read_filters(
    params: Mapping[str, str], team: Team, vendors: Mapping[str, str], month: Month | None = None
) -> Filters:
    """Read the filters out of an address; `month` is the one meant where none is named."""
    vendor = params.get("vendor", "")
    return Filters(
        team=team,
        month=Month.read(params.get("month", "")) or month,
        project=_project(params.get("project", "")),
        person=_person(team, params.get("person", "")),
        vendor=vendor if vendor in vendors else "",
        vendor_name=vendors.get(vendor, ""),
        is_unknown=params.get("cost") == "unknown",
    )


def _project(text: str) -> Project | None:
    try:
        return Project.objects.filter(public_id=UUID(text)).first() if text else None
    except ValueError:
        return None


def _person(team: Team, text: str) -> Member | None:
    if not text.isdecimal() or len(text) > 18:
        return None
    return team.members.select_related("user").filter(user_id=int(text)).first()


def choices(filters: Filters, vendors: Mapping[str, str]) -> dict[str, Any]:
    """Return what the filter menus offer."""
    return {
        "months": [(str(month), month_words(month)) for month in _months(filters)],
        "projects": Project.objects.order_by("name").only("public_id", "name", "is_private"),
        "people": filters.team.members.select_related("user").order_by("user__name"),
        "vendors": vendors.items(),
    }


def _months(filters: Filters) -> list[Month]:
    """Return the months from the first entry until now, newest first, and the chosen one wherever it lies."""
    first = LedgerEntry.objects.filter(team=filters.team).aggregate(first=Min("bought_at"))["first"]
    month, months = Month.of(timezone.now()), set[Month]()
    begin = Month.of(first) if first else month
    while month >= begin and len(months) < MOST_MONTHS:
        months.add(month)
        month = month.previous
    return sorted(months | ({filters.month} if filters.month else set()), reverse=True)


def month_words(month: Month) -> str:
    """Return what people call a month: November 2026."""
    return date_format(month.start.date(), "F Y")

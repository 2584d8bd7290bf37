"""Filters of the money pages: month, project, person, vendor, unknown cost."""

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

MAX_MONTHS = 36  # in the menu of months


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter: its key in the URL and its label."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of a URL; unknown values are left out."""

    team: Team
    month: Month | None = None
    project: Project | None = None
    person: Member | None = None
    vendor: str = ""
    vendor_name: str = ""
    is_unknown: bool = False  # only submissions of unknown cost

    def entries(self) -> LedgerEntryQuerySet:
        """Return the matching ledger entries."""
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
        """Return the active filters except the month, as chips that can be removed."""
        rows = [
            ("project", self.project and self.project.plain_name),
            ("person", self.person and str(self.person.user)),
            ("vendor", self.vendor_name),
            ("cost", _("Unknown cost") if self.is_unknown else ""),
        ]
        return [Chip(key, words) for key, words in rows if words]

    def as_facts(self) -> dict[str, str]:
        """Return the active filters as facts of an event, without a private project's name."""
        facts = {chip.key: chip.words for chip in self.chips()} | {"month": str(self.month or "")}
        return facts | (
            {"project": _("a private project")} if self.project and self.project.is_private else {}
        )


def read_filters(
    params: Mapping[str, str], team: Team, vendors: Mapping[str, str], month: Month | None = None
) -> Filters:
    """Read the filters of a URL; `month` is the default month."""
    vendor = params.get("vendor", "")
    return Filters(
        team=team,
        month=Month.parse(params.get("month", "")) or month,
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
    """Return the options of the filter menus."""
    return {
        "months": [(str(month), month_name(month)) for month in _months(filters)],
        "projects": Project.objects.order_by("name").only("public_id", "name", "is_private"),
        "people": filters.team.members.select_related("user").order_by("user__name"),
        "vendors": vendors.items(),
    }


def _months(filters: Filters) -> list[Month]:
    """Return the months from the first entry until now, newest first, and the chosen one."""
    first = LedgerEntry.objects.filter(team=filters.team).aggregate(first=Min("bought_at"))["first"]
    month = Month.of(timezone.now())
    months = set[Month]()
    begin = Month.of(first) if first else month
    while month >= begin and len(months) < MAX_MONTHS:
        months.add(month)
        month = month.previous
    return sorted(months | ({filters.month} if filters.month else set()), reverse=True)


def month_name(month: Month) -> str:
    """Return the month as people write it: November 2026."""
    return date_format(month.start.date(), "F Y")

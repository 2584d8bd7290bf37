"""What the audit log is narrowed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.activity.models import Event
from apps.activity.subjects import projects
from apps.activity.words import GROUPS, KINDS, ORDERS, STEPS, kind_words, verbs_of
from apps.teams.models import Member, Team

HOUSE, EVERYTHING = "house", "all"


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: its key in the address and its words."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of the address, checked: what nobody knows is left out."""

    team: Team
    who: str = ""
    person: Member | None = None
    deed: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    project: Any = None

    def events(self) -> QuerySet[Event]:
        """Return the events that match, of projects that may be seen."""
        events: QuerySet[Event] = Event.objects.filter(team=self.team).select_related("actor")
        events = self._by_deed(self._by_person(events))
        if self.kind:
            events = events.filter(subject_kind=self.kind)
        if self.project:
            events = events.filter(project_id=self.project.pk)
        if self.since:
            events = events.filter(created_at__gte=_midnight(self.since))
        if self.until:
            events = events.filter(created_at__lt=_midnight(self.until + timedelta(days=1)))
        return events

    def _by_person(self, events: QuerySet[Event]) -> QuerySet[Event]:
        if self.who == HOUSE:
            return events.filter(of_person=False, origin=None)
        return events.filter(actor=self.person.user_id) if self.person else events

    def _by_deed(self, events: QuerySet[Event]) -> QuerySet[Event]:
        if self.deed == EVERYTHING:
            return events
        steps = _of(STEPS)
        by_hand = steps & Q(of_person=True)  # somebody cancelled a job, or sent it again
        if self.deed == ORDERS:
            return events.filter(_of(ORDERS) | by_hand)
        return events.filter(_of(self.deed)) if self.deed else events.filter(~steps | by_hand)

    def chips(self) -> list[Chip]:
        """Return the filters in force as chips that can be taken off one by one."""
        rows = [
            (
                "who",
                _("The house itself")
                if self.who == HOUSE
                else self.person and str(self.person.user),
            ),
            (
                "deed",
                _everything() if self.deed == EVERYTHING else self.deed and str(GROUPS[self.deed]),
            ),
            ("kind", self.kind and kind_words(self.kind)),
            ("project", self.project and self.project.name),
            ("from", self.since and _("from %s") % date_format(self.since)),
            ("to", self.until and _("until %s") % date_format(self.until)),
        ]
        return [Chip(key, words) for key, words in rows if words]

    def said(self) -> dict[str, str]:
        """Return the filters in force as facts for whoever looks at exports later, on the project's list or not."""
        said = {chip.key: chip.words for chip in self.chips()}
        return said | (
            {"project": _("a private project")} if self.project and self.project.is_private else {}
        )

    def choices(self) -> dict[str, Any]:
        """Return what the filter menus offer."""
        return {
            "people": self.team.members.select_related("user").order_by("user__name", "pk"),
            "deeds": [*GROUPS.items(), (EVERYTHING, _everything())],
            "kinds": sorted(
                ((kind, str(words)) for kind, words in KINDS.items()), key=lambda one: one[1]
            ),
            "projects": projects(),
        }


def read_filters(params: Mapping[str, str], team: Team) -> Filters:
    """Read the filters out of an address."""
    who, deed, kind = (params.get(name, "") for name in ("who", "deed", "kind"))
    return Filters(
        team=team,
        who=who,
        person=_person(team, who),
        deed=deed if deed in {*GROUPS, EVERYTHING} else "",
        kind=kind if kind in KINDS else "",
        since=_day(params.get("from", "")),
        until=_day(params.get("to", "")),
        project=_project(params.get("project", "")),
    )


def _of(group: str) -> Q:
    """Return which events are deeds of this kind."""
    found = Q(verb__in=[verb for verb, kind, apart in verbs_of(group) if not kind and not apart])
    for verb, kind, apart in verbs_of(group):
        if kind:
            found |= Q(verb=verb, subject_kind=kind)
        elif apart:
            found |= Q(verb=verb) & ~Q(subject_kind__in=apart)
    return found


def _everything() -> str:
    return _("Everything, steps of jobs too")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and 1970 <= day.year < 9000 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _person(team: Team, text: str) -> Member | None:
    number = _uuid(text)
    return team.members.select_related("user").filter(public_id=number).first() if number else None


def _project(text: str) -> Any:
    number = _uuid(text)
    return projects().filter(public_id=number).first() if number else None

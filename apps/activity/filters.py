"""Filters of the audit log."""

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
from apps.activity.sentences import kind_words
from apps.activity.visibility import visible_projects
from apps.core.event_registry import Group, registry
from apps.teams.models import Member, Team

AUTOMATIC = "automatic"  # the choice of events that no person caused
AUTOMATIC_BEFORE = "house"  # its value in older bookmarks
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter: its key in the URL and its label."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of a URL; unknown values are left out."""

    team: Team
    who: str = ""
    person: Member | None = None
    deed: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    project: Any = None

    def events(self) -> QuerySet[Event]:
        """Return the matching events of projects that may be seen."""
        events: QuerySet[Event] = Event.objects.filter(team=self.team).select_related("actor")
        events = self._by_group(self._by_person(events))
        if self.kind:
            events = events.filter(subject_kind=self.kind)
        if self.project:
            events = events.filter(project_id=self.project.pk)
        if self.since:
            events = events.filter(created_at__gte=_midnight(self.since))
        if self.until:
            events = events.filter(created_at__lt=_midnight(self.until + timedelta(days=1)))
        return events

    @property
    def is_automatic(self) -> bool:
        """Whether only events are wanted that no person caused."""
        return self.who == AUTOMATIC

    def _by_person(self, events: QuerySet[Event]) -> QuerySet[Event]:
        if self.is_automatic:
            return events.filter(of_person=False, origin=None)
        return events.filter(actor=self.person.user_id) if self.person else events

    def _by_group(self, events: QuerySet[Event]) -> QuerySet[Event]:
        if self.deed == EVERYTHING:
            return events
        if self.deed:
            return events.filter(_condition_for(registry.groups[self.deed]))
        for group in registry.groups.values():
            if group.is_routine:
                events = events.filter(~_in(group) | _by_hand(group))
        return events

    def chips(self) -> list[Chip]:
        """Return the active filters as chips that can be removed."""
        rows = [
            (
                "who",
                _("Automatic") if self.is_automatic else self.person and str(self.person.user),
            ),
            (
                "deed",
                _everything()
                if self.deed == EVERYTHING
                else self.deed and str(registry.groups[self.deed].label),
            ),
            ("kind", self.kind and kind_words(self.kind)),
            ("project", self.project and self.project.name),
            ("from", self.since and _("from %s") % date_format(self.since)),
            ("to", self.until and _("until %s") % date_format(self.until)),
        ]
        return [Chip(key, words) for key, words in rows if words]

    def as_facts(self) -> dict[str, str]:
        """Return the active filters as facts of an export, without a private project's name.

        People who cannot see the project may read these facts later.
        """
        facts = {chip.key: chip.words for chip in self.chips()}
        if self.project and self.project.is_private:
            facts["project"] = _("a private project")
        return facts

    def choices(self) -> dict[str, Any]:
        """Return the options of the filter menus."""
        return {
            "people": self.team.members.select_related("user").order_by("user__name", "pk"),
            "deeds": [
                *((key, group.label) for key, group in registry.groups.items()),
                (EVERYTHING, _everything()),
            ],
            "kinds": sorted(
                ((kind.key, str(kind.label)) for kind in registry.kinds.values()),
                key=lambda one: one[1],
            ),
            "projects": visible_projects(),
        }


def read_filters(params: Mapping[str, str], team: Team) -> Filters:
    """Read the filters of a URL."""
    who, deed, kind = (params.get(name, "") for name in ("who", "deed", "kind"))
    return Filters(
        team=team,
        who=AUTOMATIC if who == AUTOMATIC_BEFORE else who,
        person=_person(team, who),
        deed=deed if deed in {*registry.groups, EVERYTHING} else "",
        kind=kind if kind in registry.kinds else "",
        since=_day(params.get("from", "")),
        until=_day(params.get("to", "")),
        project=_project(params.get("project", "")),
    )


def _in(group: Group) -> Q:
    """Return the condition for events whose verb is in a group."""
    verbs = registry.verbs_of(group)
    apart = {verb.key: registry.kinds_apart(verb.key) for verb in verbs if not verb.kind}
    condition = Q(verb__in=[verb for verb, kinds in apart.items() if not kinds])
    for verb, kinds in apart.items():
        if kinds:
            condition |= Q(verb=verb) & ~Q(subject_kind__in=kinds)
    for own in verbs:
        if own.kind:
            condition |= Q(verb=own.key, subject_kind=own.kind)
    return condition


def _by_hand(group: Group) -> Q:
    """Return the condition for events of a routine group that a person did."""
    return _in(group) & Q(of_person=True)


def _condition_for(group: Group) -> Q:
    """Return the condition for a group and for what people did in its routine groups."""
    condition = _in(group)
    for routine in registry.groups.values():
        if routine.by_hand_in == group.key:
            condition |= _by_hand(routine)
    return condition


def _everything() -> str:
    return _("Everything, automatic steps too")


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
    return visible_projects().filter(public_id=number).first() if number else None

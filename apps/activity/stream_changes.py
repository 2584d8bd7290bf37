"""Changes for the live stream: the changed subjects, and the members who may see them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db.models import Max, Q

from apps.activity.models import Event
from apps.activity.visibility import MemberLists, who_may_hear
from apps.core.database import close_stale_connections
from apps.core.event_registry import registry
from apps.teams.scoping import everywhere

# Events may commit out of order: each read starts so many numbers back, and skips the sent ones.
OVERLAP_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A subject that changed: its team and project, and the name under which it is streamed."""

    team: int
    project: int
    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Events since the last read; permissions are read anew each time, as a stream lasts long."""

    events: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)  # teams whose streams end
    members: set[int] = field(default_factory=set)  # members of the teams concerned
    lists: MemberLists = field(default_factory=dict)  # who sees each private project

    @property
    def teams(self) -> set[int]:
        """The teams in which subjects changed."""
        return {change.team for change in self.changes}

    def for_member(self, member: int, team: int) -> dict[str, list[str]]:
        """Return the subjects that changed and that this member sees, each once, by name."""
        if member not in self.members:
            return {}
        seen: dict[str, dict[str, None]] = {}
        for one in self.changes:
            if one.team == team and member in self.lists.get(one.project, {member}):
                seen.setdefault(one.name, {})[one.subject] = None
        return {name: list(subjects) for name, subjects in seen.items()}


def latest_events() -> list[int]:
    """Return the numbers of the newest events, which no stream is to send any more."""
    with _reading():
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        recent = Event.objects.filter(pk__gt=newest - OVERLAP_EVENTS).order_by("pk")
        return list(recent.values_list("pk", flat=True)) or [newest]


def changes_since(newest: int, sent: frozenset[int]) -> Changes:
    """Return what happened after the event `newest`, without the events that were sent."""
    names = {kind.key: kind.streamed_as for kind in registry.kinds.values() if kind.streamed_as}
    endings = {verb.key for verb in registry.verbs.values() if verb.ends_streams}
    with _reading():
        streamed = Q(subject_kind__in=names, project_id__isnull=False) | Q(verb__in=endings)
        rows = Event.objects.filter(streamed, pk__gt=newest - OVERLAP_EVENTS).order_by("pk")
        columns = ("pk", "verb", "team_id", "project_id", "subject_kind", "subject_id")
        found = [row for row in rows.values_list(*columns) if row[0] not in sent]
        if not found:
            return Changes()
        changes = [
            Change(team, project, names[kind], str(subject))
            for _pk, verb, team, project, kind, subject in found
            if verb not in endings and project is not None
        ]
        ended = {team for _pk, verb, team, *_ in found if verb in endings}
        hearing = who_may_hear({one.team for one in changes}, {one.project for one in changes})
        return Changes([pk for pk, *_ in found], changes, ended, *hearing)


@contextmanager
def _reading() -> Iterator[None]:
    """Read all teams' events, and close a broken or old database connection."""
    try:
        with everywhere():
            yield
    finally:
        close_stale_connections()

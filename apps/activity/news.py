"""What the live stream reads: which jobs have changed since the last look, and who may hear of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Max, Q
from django.utils.module_loading import import_string

from apps.activity.models import Event
from apps.core.database import close_stale_connections
from apps.teams.scoping import everywhere

# Rows may commit in another order than their numbers: look this far back, and skip what was told.
OVERLAP = 200
# After these somebody may not hear a team any more: all its streams end, and begin anew where they
# still may.
ENDINGS = ("removed", "left", "suspended")


@dataclass(frozen=True, slots=True)
class Change:
    """A job that changed: the team and the project it belongs to."""

    team: int
    project: int
    job: str


@dataclass(frozen=True, slots=True)
class News:
    """What happened since the last look, and who may hear of it: asked anew each time, for a stream lasts long."""

    events: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)  # teams whose streams end
    members: set[int] = field(default_factory=set)  # who is in the teams concerned
    lists: dict[int, frozenset[int]] = field(default_factory=dict)  # who sees each private project

    @property
    def teams(self) -> set[int]:
        """The teams in which jobs have changed."""
        return {change.team for change in self.changes}

    def for_member(self, member: int, team: int) -> list[str]:
        """Return which of the team's jobs have changed that this member sees, each once."""
        if member not in self.members:
            return []
        mine = (one for one in self.changes if one.team == team)
        return list(
            {one.job: None for one in mine if member in self.lists.get(one.project, {member})}
        )


def latest() -> list[int]:
    """Return the numbers of the newest events, which nobody is to be told any more."""
    with _reading():
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        recent = Event.objects.filter(pk__gt=newest - OVERLAP).order_by("pk")
        return list(recent.values_list("pk", flat=True)) or [newest]


def since(newest: int, told: frozenset[int]) -> News:
    """Return what has happened after the event `newest`, but for what was told."""
    with _reading():
        of_interest = Q(subject_kind="job", project_id__isnull=False) | Q(verb__in=ENDINGS)
        rows = Event.objects.filter(of_interest, pk__gt=newest - OVERLAP).order_by("pk")
        columns = ("pk", "verb", "team_id", "project_id", "subject_id")
        found = [row for row in rows.values_list(*columns) if row[0] not in told]
        if not found:
            return News()
        changes = [
            Change(team, project, str(job))
            for _pk, verb, team, project, job in found
            if verb not in ENDINGS and project is not None
        ]
        ended = {team for _pk, verb, team, *_ in found if verb in ENDINGS}
        who_may_hear = import_string(settings.WHO_MAY_HEAR)
        may_hear = who_may_hear({one.team for one in changes}, {one.project for one in changes})
        return News([pk for pk, *_ in found], changes, ended, *may_hear)


@contextmanager
def _reading() -> Iterator[None]:
    """Look at every team's events, and hand a broken or aged connection back."""
    try:
        with everywhere():
            yield
    finally:
        close_stale_connections()

"""Fair queueing: teams take turns on a lane, and within a team its projects and people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from apps.jobs.models import Job, Lane

# People with none of the lane's last orders have waited long enough to come first.
REMEMBERED_ORDERS = 200
Who = tuple[int, int, int | None]  # team, project, person


class Waiting(NamedTuple):
    """A job that waits; `turn` is its place in the queue of its own person."""

    pk: int
    who: Who
    is_urgent: bool
    turn: int


def pick_next_jobs(lane: Lane, limit: int) -> list[Job]:
    """Return the jobs to send now, picked fairly among people; a team's urgent jobs come first."""
    chosen = pick_fairly(_waiting(lane, limit), _last_requesters(lane), limit)
    jobs = Job.objects.select_related(
        "account__lane", "image", "project", "team", "created_by", "extends", "chain"
    ).in_bulk(chosen)
    return [jobs[pk] for pk in chosen if pk in jobs]


def _waiting(lane: Lane, limit: int) -> list[Waiting]:
    """Return the first few jobs of each person's own queue; no others can be picked."""
    waiting = Job.objects.to_be_sent().filter(account__in=lane.accounts.all())
    numbered = (
        waiting.order_by()
        .annotate(
            turn=Window(
                RowNumber(),
                partition_by=[F("team"), F("project"), F("created_by")],
                order_by=[F("is_urgent").desc(), F("pk").asc()],
            )
        )
        .filter(turn__lte=limit)
    )
    rows = numbered.values_list("pk", "team_id", "project_id", "created_by_id", "is_urgent", "turn")
    return [
        Waiting(pk, (team, project, by), urgent, turn)
        for pk, team, project, by, urgent, turn in rows
    ]


def _last_requesters(lane: Lane) -> list[Who]:
    """Return the people whose orders were sent last, the latest first."""
    sent = Job.objects.filter(account__in=lane.accounts.all(), submitted_at__isnull=False)
    rows = sent.order_by("-submitted_at").values_list("team_id", "project_id", "created_by_id")
    return list(rows[:REMEMBERED_ORDERS])


def pick_fairly(waiting: Iterable[Waiting], served: list[Who], limit: int) -> list[int]:
    """Pick jobs one by one from the team that has waited longest, its urgent jobs first."""
    left = {one.pk: one for one in waiting}
    turns, chosen = _Turns(served), list[int]()
    while left and len(chosen) < limit:
        one = min(left.values(), key=turns.of)
        turns.serve(one.who)
        chosen.append(left.pop(one.pk).pk)
    return chosen


@dataclass
class _Turns:
    """The last turn of each team, project and person; those without one come first."""

    served: list[Who]

    def __post_init__(self) -> None:
        self.last: dict[tuple[int | None, ...], int] = {}
        self.count = 0
        for who in reversed(self.served):
            self.serve(who)

    def serve(self, who: Who) -> None:
        """Note that an order of theirs is sent."""
        self.count += 1
        for size in range(1, len(who) + 1):
            self.last[who[:size]] = self.count

    def of(self, one: Waiting) -> tuple[int | bool, ...]:
        """Return the sort key of a waiting job."""
        team, project, person = (self.last.get(one.who[:size], 0) for size in (1, 2, 3))
        return team, not one.is_urgent, project, person, one.turn, one.pk

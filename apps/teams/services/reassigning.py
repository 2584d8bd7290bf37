"""Reassigning open work from one member to another; history keeps its names."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from apps.teams.models import Team, User
from apps.teams.scoping import within
from apps.teams.slots import OPEN_WORK, OpenWork


def reassignable_counts(team: Team, user: User) -> dict[str, int]:
    """Return counts of the person's open work by label, e.g. {"prompts": 3}."""
    with within(team, hidden=()):
        counts = {str(work.label): rows.count() for work, rows in _open_rows(user)}
    return {label: count for label, count in counts.items() if count}


def reassign_work(team: Team, user: User, successor: User) -> dict[str, int]:
    """Reassign a person's open work in a team to `successor`; return counts by label.

    Hidden projects are included, so that no work is left without a person in charge.
    """
    with within(team, hidden=()):
        given = {
            str(work.label): rows.update(**{work.column: successor})
            for work, rows in _open_rows(user)
        }
    return {label: count for label, count in given.items() if count}


def _open_rows(user: User) -> Iterator[tuple[OpenWork, QuerySet[Any]]]:
    for work in OPEN_WORK:
        yield work, work.model._default_manager.filter(work.rows, **{work.column: user})

"""Handing work over: what somebody has to see to gets somebody else; what somebody did stays true."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from apps.teams.models import Team, User
from apps.teams.scoping import Reassignable, TeamOwned, within


def reassignable_counts(team: Team, user: User) -> dict[str, int]:
    """Return how many of each thing of a team this person has to see to, by what people call the thing."""
    with within(team, hidden=()):
        counts = {str(duty.label): rows.count() for duty, rows in _duties_of(user)}
    return {things: count for things, count in counts.items() if count}


def reassign_work(team: Team, user: User, successor: User) -> dict[str, int]:
    """Give everything that `user` has to see to in a team to `successor`; return how many of each kind of thing.

    The rooms above say on their models what that is (TeamOwned.reassignable), in hidden projects
    too: nothing is left without anybody who sees to it.
    """
    with within(team, hidden=()):
        given = {
            str(duty.label): rows.update(**{duty.column: successor})
            for duty, rows in _duties_of(user)
        }
    return {things: count for things, count in given.items() if count}


def _duties_of(user: User) -> Iterator[tuple[Reassignable, models.QuerySet[Any]]]:
    for model in _owned():
        if duty := model.reassignable:
            yield duty, _rows(model).filter(duty.rows, **{duty.column: user})


def _owned() -> Iterator[type[TeamOwned]]:
    return (model for model in apps.get_models() if issubclass(model, TeamOwned))


def _rows(model: type[TeamOwned]) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = model.objects.all()  # type: ignore[attr-defined]  # each of them has its own
    return rows

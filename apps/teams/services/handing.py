"""Handing work over: what somebody has to see to gets somebody else; what somebody did stays true."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from apps.teams.models import Team, User
from apps.teams.scoping import HandedOver, TeamOwned, within


def work_of(team: Team, user: User) -> dict[str, int]:
    """Return how many of each thing of a team this person has to see to, by what people call the thing."""
    with within(team, hidden=()):
        counts = {str(duty.called): rows.count() for duty, rows in _duties_of(user)}
    return {things: count for things, count in counts.items() if count}


def hand_over_work(team: Team, user: User, heir: User) -> dict[str, int]:
    """Give everything that `user` has to see to in a team to `heir`; return how many of each kind of thing.

    The rooms above say on their models what that is (TeamOwned.handed_over), in hidden projects
    too: nothing is left without anybody who sees to it.
    """
    with within(team, hidden=()):
        given = {
            str(duty.called): rows.update(**{duty.column: heir}) for duty, rows in _duties_of(user)
        }
    return {things: count for things, count in given.items() if count}


def unfinished_in(team: Team) -> dict[str, int]:
    """Return how many things of a team wait to leave, and how many are on their way."""
    counts = {"waiting": 0, "moving": 0}
    with within(team, hidden=()):
        for model in _owned():
            for name, condition in (("waiting", model.waits_while), ("moving", model.moves_while)):
                if condition is not None:
                    counts[name] += _rows(model).filter(condition).count()
    return counts


def _duties_of(user: User) -> Iterator[tuple[HandedOver, models.QuerySet[Any]]]:
    for model in _owned():
        if duty := model.handed_over:
            yield duty, _rows(model).filter(duty.rows, **{duty.column: user})


def _owned() -> Iterator[type[TeamOwned]]:
    return (model for model in apps.get_models() if issubclass(model, TeamOwned))


def _rows(model: type[TeamOwned]) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = model.objects.all()  # type: ignore[attr-defined]  # each of them has its own
    return rows

"""Reassigning open work from one member to another; history keeps its names."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from apps.teams.models import Team, User
from apps.teams.scoping import Reassignable, TeamOwned, within


def reassignable_counts(team: Team, user: User) -> dict[str, int]:
    """Return counts of the person's open work by label, e.g. {"prompts": 3}."""
    with within(team, hidden=()):
        counts = {str(rule.label): rows.count() for rule, rows in _reassignable_rows(user)}
    return {label: count for label, count in counts.items() if count}


def reassign_work(team: Team, user: User, successor: User) -> dict[str, int]:
    """Reassign a person's open work in a team to `successor`; return counts by label.

    Each model says by TeamOwned.reassignable which rows those are. Hidden projects are included,
    so that no work is left without a person in charge.
    """
    with within(team, hidden=()):
        given = {
            str(rule.label): rows.update(**{rule.column: successor})
            for rule, rows in _reassignable_rows(user)
        }
    return {label: count for label, count in given.items() if count}


def _reassignable_rows(user: User) -> Iterator[tuple[Reassignable, models.QuerySet[Any]]]:
    for model in _team_owned_models():
        if rule := model.reassignable:
            yield rule, _rows(model).filter(rule.rows, **{rule.column: user})


def _team_owned_models() -> Iterator[type[TeamOwned]]:
    return (model for model in apps.get_models() if issubclass(model, TeamOwned))


def _rows(model: type[TeamOwned]) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = model.objects.all()  # type: ignore[attr-defined]  # each of them has its own
    return rows

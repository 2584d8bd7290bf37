"""Resealing: encrypts every stored secret with the newest key after a key was added."""

from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models

from apps.core.errors import DomainError
from apps.core.secrets import is_sealed_with_newest_key, seal_with_newest_key
from apps.teams.scoping import everywhere

SEALED = "sealed_"  # prefix of every column with a sealed value
# The values that django-allauth seals through our adapter (apps.teams.second_factor).
SEALED_IN_FACTORS = {"secret", "seed"}
ROWS_AT_ONCE = 500


@dataclass(slots=True)
class Tally:
    """How many secrets were current, resealed or unreadable."""

    fresh: int = 0
    resealed: int = 0
    unreadable: int = 0


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every column of every room that holds a sealed value."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name.startswith(SEALED):
                yield model, field.name


def reseal_column(model: type[models.Model], column: str, *, only_count: bool) -> Tally:
    """Reseal one column row by row; safe to repeat and to interrupt.

    A key that somebody replaces meanwhile is not overwritten.
    """
    tally = Tally()
    with everywhere():
        rows = model._default_manager.exclude(**{column: ""}).order_by("pk")
        for pk, old in rows.values_list("pk", column).iterator(chunk_size=ROWS_AT_ONCE):
            new = _reseal(old, tally)
            if new and not only_count:
                unchanged = model._default_manager.filter(pk=pk, **{column: old})
                unchanged.update(**{column: new})
    return tally


def reseal_factors(*, only_count: bool) -> Tally:
    """Reseal the secrets of second factors, which allauth keeps inside a JSON column."""
    tally = Tally()
    for factor in Authenticator.objects.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        for name in SEALED_IN_FACTORS & factor.data.keys():
            new = _reseal(factor.data[name], tally)
            if new and not only_count:
                unchanged = Authenticator.objects.filter(pk=factor.pk, data=factor.data)
                unchanged.update(data=factor.data | {name: new})
    return tally


def _reseal(old: str, tally: Tally) -> str:
    """Count a sealed value; return it sealed with the newest key, "" if it is current."""
    if is_sealed_with_newest_key(old):
        tally.fresh += 1
        return ""
    try:
        new = seal_with_newest_key(old)
    except DomainError:
        tally.unreadable += 1
        return ""
    tally.resealed += 1
    return new


def reseal_all(*, only_count: bool) -> Iterator[tuple[str, Tally]]:
    """Reseal everything, and yield a tally for each place with its name."""
    for model, column in sealed_columns():
        yield (
            f"{model._meta.label}.{column}",
            reseal_column(model, column, only_count=only_count),
        )
    yield "second factors", reseal_factors(only_count=only_count)

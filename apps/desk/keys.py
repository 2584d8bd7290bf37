"""Sealing everything anew, after a new key was put in front of the list."""

from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models

from apps.core.errors import DomainError
from apps.core.secrets import is_sealed_with_newest_key, seal_with_newest_key
from apps.teams.scoping import everywhere

SEALED = "sealed_"  # every column that holds something sealed is called so
# what django-allauth's adapter was given to seal (apps.teams.second_factor)
INSIDE = {"secret", "seed"}


@dataclass(slots=True)
class Tally:
    """How many secrets there were, and what became of them."""

    fresh: int = 0
    resealed: int = 0
    unreadable: int = 0


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every room that holds something sealed."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.name.startswith(SEALED):
                yield model, field.name


def reseal(model: type[models.Model], column: str, *, only_count: bool) -> Tally:
    """Seal one column anew, row by row; who replaces a key meanwhile wins. Safe to repeat and to break off."""
    tally = Tally()
    with everywhere():
        rows = model._default_manager.exclude(**{column: ""}).order_by("pk")
        for pk, old in rows.values_list("pk", column).iterator(chunk_size=500):
            new = _anew(old, tally)
            if new and not only_count:
                model._default_manager.filter(pk=pk, **{column: old}).update(**{column: new})
    return tally


def reseal_factors(*, only_count: bool) -> Tally:
    """Seal the secrets of second factors anew, which their library keeps inside a column of JSON."""
    tally = Tally()
    for factor in Authenticator.objects.order_by("pk").iterator(chunk_size=500):
        for name in INSIDE & factor.data.keys():
            new = _anew(factor.data[name], tally)
            if new and not only_count:
                rows = Authenticator.objects.filter(pk=factor.pk, data=factor.data)
                rows.update(data=factor.data | {name: new})
    return tally


def _anew(old: str, tally: Tally) -> str:
    """Return what was sealed with an older key sealed with the newest, else ""; count it either way."""
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


def every_tally(*, only_count: bool) -> Iterator[tuple[str, Tally]]:
    """Go through all there is, by the name of where it lies."""
    for model, column in sealed_columns():
        yield f"{model._meta.label}.{column}", reseal(model, column, only_count=only_count)
    yield "second factors", reseal_factors(only_count=only_count)

"""Sealing everything anew, after a new key was put in front of the list."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from apps.core.errors import DomainError
from apps.core.secrets import is_sealed_anew, seal_anew

SEALED = "sealed_"  # every column that holds something sealed is called so


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
    rows = model._base_manager.exclude(**{column: ""}).order_by("pk")
    for pk, old in rows.values_list("pk", column).iterator(chunk_size=500):
        if is_sealed_anew(old):
            tally.fresh += 1
            continue
        try:
            new = seal_anew(old)
        except DomainError:
            tally.unreadable += 1
            continue
        if not only_count:
            model._base_manager.filter(pk=pk, **{column: old}).update(**{column: new})
        tally.resealed += 1
    return tally

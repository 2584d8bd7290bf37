"""Events: the way every room records what happens in it.

A room calls `record()` in the transaction of the change. The rows themselves are kept by the
activity room, which installs its store here when Django starts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID


class Subject(Protocol):
    """A row that an event is about: it has a team, a public number, and perhaps a project."""

    @property
    def team_id(self) -> int:
        """The team in whose log the event stands."""

    @property
    def public_id(self) -> UUID:
        """Its public number."""

    @property
    def kind(self) -> str:
        """Its kind in one word, such as a model's name in lower case."""

    @property
    def of_project(self) -> int | None:
        """The project it belongs to, None for what belongs to the team alone."""


@dataclass(frozen=True, slots=True)
class About:
    """A subject by its number, for rows without a public number or with another `kind`."""

    kind: str
    team_id: int
    public_id: UUID
    of_project: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One event to be stored: a verb, its subject, the user who acted, and facts for its words."""

    verb: str
    subject: Subject
    actor: Any = None  # a row of the user model, None for what happens by itself
    facts: dict[str, Any] = field(default_factory=dict)


class Store(Protocol):
    """The place where events are kept."""

    def add(self, record: Record) -> None:
        """Add one event."""

    def add_all(self, records: Sequence[Record]) -> None:
        """Add several events in one statement."""


class NoStoreError(RuntimeError):
    """Something was recorded before any room installed a store."""


_stores: list[Store] = []


def install_store(store: Store) -> None:
    """Keep events in this store from now on."""
    _stores[:] = [store]


def record(verb: str, subject: Subject, *, actor: Any = None, **facts: Any) -> None:
    """Add one event. Call it in the transaction of the change, so that both stand or neither."""
    _store().add(Record(verb, subject, actor, facts))


def record_all(verb: str, subjects: Iterable[Subject], *, actor: Any = None, **facts: Any) -> None:
    """Add the same event for many subjects in one statement."""
    _store().add_all([Record(verb, subject, actor, facts) for subject in subjects])


def _store() -> Store:
    if not _stores:
        raise NoStoreError(
            "No store for events is installed: apps.activity does it when it starts."
        )
    return _stores[0]

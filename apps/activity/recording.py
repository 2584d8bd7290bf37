"""Writing down what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from apps.activity.models import Event
from apps.core.origin import current_origin
from apps.teams.models import User


class Subject(Protocol):
    """A row that something can happen to: it has a team, a public number, and perhaps a project."""

    @property
    def team_id(self) -> int:
        """The team in whose history it is written down."""

    @property
    def public_id(self) -> UUID:
        """Its number."""

    @property
    def kind(self) -> str:
        """What sort of thing this is, in one word."""

    @property
    def of_project(self) -> int | None:
        """The project it belongs to, if it belongs to one."""


@dataclass(frozen=True, slots=True)
class About:
    """A subject by its number, for rows that have no number of their own, or another `kind`."""

    kind: str
    team_id: int
    public_id: UUID
    of_project: int | None = None


def record(verb: str, subject: Subject, *, actor: User | None = None, **facts: Any) -> None:
    """Add one event; call it in the transaction of the deed, so that both are true or neither is."""
    _event(verb, subject, actor, facts).save()


def record_all(
    verb: str, subjects: Iterable[Subject], *, actor: User | None = None, **facts: Any
) -> None:
    """Add the same event for many subjects in one go."""
    Event.objects.bulk_create(_event(verb, subject, actor, facts) for subject in subjects)


def _event(verb: str, subject: Subject, actor: User | None, facts: dict[str, Any]) -> Event:
    return Event(
        team_id=subject.team_id,
        project_id=subject.of_project,
        verb=verb,
        subject_kind=subject.kind,
        subject_id=subject.public_id,
        actor=actor,
        of_person=actor is not None,
        facts=facts,
        origin=current_origin(),
    )

"""Writing down what happened."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.activity.models import Event
from apps.teams.models import Team, User


def record(
    team: Team | int, verb: str, *, subject: tuple[str, UUID], actor: User | None = None, **facts: Any
) -> None:
    """Add one event; call it in the transaction of the deed, so that both are true or neither is."""
    team_id = team if isinstance(team, int) else team.pk
    kind, public_id = subject
    Event.objects.create(
        team_id=team_id, verb=verb, subject_kind=kind, subject_id=public_id, actor=actor, facts=facts
    )


def record_all(verb: str, subjects: Iterable[tuple[int, tuple[str, UUID]]], **facts: Any) -> None:
    """Add the same event for many subjects, each with its team's key, in one go."""
    Event.objects.bulk_create(
        Event(team_id=team_id, verb=verb, subject_kind=kind, subject_id=public_id, facts=facts)
        for team_id, (kind, public_id) in subjects
    )

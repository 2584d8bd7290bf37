"""The store behind `apps.core.events`: what rooms record becomes rows of this room."""

from collections.abc import Sequence

from django.db.models import Model

from apps.core.client_address import current_client_address
from apps.core.events import Record


class DatabaseStore:
    """Adds a row of the given model, which is `Event`, for each record."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def add(self, record: Record) -> None:
        """Add one event."""
        self._row(record).save()

    def add_all(self, records: Sequence[Record]) -> None:
        """Add several events in one statement."""
        self._model._default_manager.bulk_create(map(self._row, records))

    def _row(self, record: Record) -> Model:
        return self._model(
            team_id=record.subject.team_id,
            project_id=record.subject.of_project,
            verb=record.verb,
            subject_kind=record.subject.kind,
            subject_id=record.subject.public_id,
            actor=record.actor,
            of_person=record.actor is not None,
            facts=record.facts,
            origin=current_client_address(),
        )

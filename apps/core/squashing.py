"""Squashed migrations: one that stands for those of several rooms, and the way without them."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Tables(Operation):
    """Tables of several rooms, made at once.

    Django renders all models anew for each model that is added: here they are rendered once.
    """

    def __init__(self, **rooms: list[CreateModel]) -> None:
        self.tables = [(room, table) for room, tables in rooms.items() for table in tables]

    def state_forwards(self, _app_label: str, state: ProjectState) -> None:
        """Add the models to their rooms."""
        vars(state).pop("apps", None)
        for room, table in self.tables:
            table.state_forwards(room, state)

    def database_forwards(
        self,
        _app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the tables."""
        for room, table in self.tables:
            table.database_forwards(room, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        _app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the tables, the last one first."""
        for room, table in reversed(self.tables):
            table.database_backwards(room, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say which tables are made."""
        return "; ".join(f"{room}: {table.describe()}" for room, table in self.tables)


class SingleLoader(MigrationLoader):
    """The migrations without our squashed ones: the way that older installations came."""

    def load_disk(self) -> None:
        """Load all but the squashed migrations."""
        super().load_disk()
        self.squashed = {
            key for key, migration in self.disk_migrations.items() if is_squashed(migration)
        }
        for key in self.squashed:
            del self.disk_migrations[key]


def is_squashed(migration: Migration) -> bool:
    """Whether this is a migration of ours that replaces others."""
    return bool(migration.replaces) and migration.__module__.startswith("apps.")


class SingleExecutor(MigrationExecutor):
    """Migrates one single migration after the other, and back, however the tables were made."""

    loader: SingleLoader

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        super().__init__(connection)
        self.loader = SingleLoader(connection)

    def migrate(self, *arguments: Any, **options: Any) -> ProjectState:
        """Migrate; whether the squashed ones are applied is for the next executor to find out."""
        if self.recorder.has_table():
            for room, name in self.loader.squashed:
                self.recorder.record_unapplied(room, name)
        return super().migrate(*arguments, **options)

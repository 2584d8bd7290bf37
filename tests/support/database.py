"""A migrated SQLite database, made once for each set of migrations and copied from then on.

Migrating takes ten seconds of CPU; every worker and every run of a single file would pay them.
"""

import fcntl
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import django
from django.apps import apps
from django.db import connection
from django.db.backends.sqlite3.creation import DatabaseCreation
from django.db.migrations.state import StateApps

from apps.core.squashing import SingleExecutor

KEPT_SECONDS = 24 * 60 * 60


def template_path() -> Path:
    """Return where the database with all of today's migrations lies, made or not."""
    seen = sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    for config in apps.get_app_configs():
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            seen.update(f"{config.label} {path.name}".encode() + path.read_bytes())
    return _folder() / f"{seen.hexdigest()[:20]}.sqlite3"


def _folder() -> Path:
    """Return a folder of this user's alone."""
    folder = Path(tempfile.gettempdir()) / f"mjweb-tests-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise RuntimeError(f"{folder} belongs to somebody else.")
    return folder


def copy_template(target: Path) -> None:
    """Begin a database file with the migrated tables, where a test run has made them before."""
    template = template_path() if apps.ready else None
    if template and template.exists():
        with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)


def migrate_to(target: list[tuple[str, str | None]]) -> StateApps:
    """Migrate by single migrations, back or forward, and return the models of that time."""
    return SingleExecutor(connection).migrate(target).apps


@contextmanager
def as_of(target: list[tuple[str, str | None]]) -> Iterator[StateApps]:
    """Give a database without rows as of these migrations, and its models; as before afterwards.

    SQLite's is made once and kept beside the template: the way there takes up to twenty seconds.
    """
    with as_it_was():
        if connection.vendor != "sqlite":
            yield migrate_to(target)
            return
        kept = _kept_copy(target)
        with closing(sqlite3.connect(kept)) as copy:
            copy.backup(connection.connection)
        executor = SingleExecutor(connection)
        yield executor._create_project_state(with_applied_migrations=True).apps


def _kept_copy(target: list[tuple[str, str | None]]) -> Path:
    """Return the file of the database as of these migrations; make it where nobody has."""
    template = template_path()
    kept = template.with_suffix(f".{sha256(repr(target).encode()).hexdigest()[:20]}.sqlite3")
    if not kept.exists():
        executor = SingleExecutor(connection)
        later = {migration for migration, _backwards in executor.migration_plan(target)}
        whole = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
        empty_database()
        SingleExecutor(connection).migrate(
            None, plan=[step for step in whole if step[0] not in later]
        )
        unfinished = template.with_suffix(f".{os.getpid()}.unfinished")
        with closing(sqlite3.connect(unfinished)) as copy:
            connection.connection.backup(copy)
        unfinished.rename(kept)
    return kept


def empty_database() -> None:
    """Drop all tables, Django's own too."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(":memory:")) as nothing:
            nothing.backup(connection.connection)
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


@contextmanager
def as_it_was() -> Iterator[None]:
    """Leave the database as it was before, whatever is migrated in between, and however it ends.

    SQLite is put back from a copy: that costs nothing, and works where a migration broke off.
    """
    if connection.vendor != "sqlite":
        try:
            yield
        finally:
            executor = SingleExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.connection.backup(copy)
        try:
            yield
        finally:
            _leave_transaction()
            copy.backup(connection.connection)


def _leave_transaction() -> None:
    """End the transaction that Django's schema editor on SQLite leaves open when it fails."""
    connection.connection.rollback()
    connection.in_atomic_block = connection.needs_rollback = False
    connection.atomic_blocks, connection.savepoint_ids = [], []
    connection.run_on_commit = []
    connection.set_autocommit(True)
    connection.enable_constraint_checking()


class CopiedDatabase(DatabaseCreation):
    """Creates the test database from the template; the first process makes the template."""

    def create_test_db(self, *arguments, **options):
        """Create the database; whoever comes second waits for the template of the first."""
        template = template_path()
        with template.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if template.exists():
                fcntl.flock(lock, fcntl.LOCK_UN)
                return self._create_copy(template, *arguments, **options)
            name = super().create_test_db(*arguments, **options)
            self._keep(template)
            return name

    def _create_copy(self, template, *arguments, **options):
        """Fill the database before Django migrates it: nothing is left to do."""
        name = self._get_test_db_name()
        # A database in shared memory lasts as long as a connection to it is open.
        with closing(sqlite3.connect(name, uri=True)) as filled:
            with closing(sqlite3.connect(template)) as source:
                source.backup(filled)
            return super().create_test_db(*arguments, **options)

    def _keep(self, template):
        for path in template.parent.iterdir():
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink(missing_ok=True)
        unfinished = template.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(unfinished)) as copy:
            self.connection.connection.backup(copy)
        unfinished.rename(template)

"""Every migration goes back and forth without losing a row that both sides know.

The squashed migrations, which made this database, make what the single ones make. It is SQLite's,
or the one of DATABASE_URL.
"""

from collections import defaultdict
from itertools import pairwise

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from apps.activity.models import FanOutCursor
from apps.core.squashing import SingleExecutor, SingleLoader, is_squashed
from tests.support.database import as_it_was, empty_database, migrate_to
from tests.support.factories import a_member, a_team, belongings_of
from tests.support.schema import schema

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}


def ours(loader: type[MigrationLoader] = SingleLoader) -> list:
    """Our single migrations; with Django's own loader the squashed ones too."""
    migrations = loader(None, ignore_no_migrations=True).disk_migrations
    return [migration for (label, _name), migration in sorted(migrations.items()) if label in OURS]


@pytest.mark.parametrize("migration", ours(MigrationLoader), ids=str)
def test_a_migration_goes_back_or_says_that_it_does_not(migration):
    """A migration without a way back says why: `irreversible = "…"` beside its dependencies."""
    one_way = [operation for operation in migration.operations if not operation.reversible]
    assert bool(one_way) == bool(getattr(migration, "irreversible", "")), one_way


def firsts() -> list[tuple[str, str | None]]:
    """The first migration of each app of ours; none of an app that began after another's first."""
    found: dict[str, str] = {}
    for migration in ours():
        found.setdefault(migration.app_label, migration.name)
    graph = SingleLoader(None, ignore_no_migrations=True).graph
    ground = {first for first in found.items() if began_with(graph, first, found)}
    return [(label, name if (label, name) in ground else None) for label, name in found.items()]


def began_with(graph, first: tuple[str, str], firsts_of: dict[str, str]) -> bool:
    """Whether all that a first migration stands on are first migrations too, as far as ours go."""
    return all(firsts_of.get(label, name) == name for label, name in graph.forwards_plan(first))


NOTHING = [(label, None) for label, _name in reversed(firsts())]


@pytest.fixture
def as_new_afterwards(transactional_db):
    """Bring the database to where it was, whatever happens."""
    with as_it_was():
        yield


def contents() -> dict[str, tuple[list[str], list[dict]]]:
    """Our tables as the database itself tells them: columns, and rows by number."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.partition("_")[0] not in OURS:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            columns = [column[0] for column in cursor.description]
            found[table] = (
                columns,
                [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()],
            )
    return found


def shared(before, there, after) -> list[tuple[str, list[str]]]:
    """The tables and columns that were there all the time."""
    tables = set(before) & set(there) & set(after)
    return sorted((name, sorted(set(before[name][0]) & set(there[name][0]))) for name in tables)


def cut(rows: list[dict], columns: list[str]) -> list[dict]:
    return [{name: row[name] for name in columns} for row in rows]


def counts() -> dict[str, int]:
    """Return the number of rows of each of our tables."""
    return {table: len(rows) for table, (_columns, rows) in contents().items()}


def a_furnished_house() -> None:
    """A team with one row of everything."""
    team = a_team()
    a_member(team)
    belongings_of(team)
    a_new_cursor()


def a_new_cursor() -> None:
    """The row that migrations made, restored where an earlier test has emptied its table."""
    FanOutCursor.objects.get_or_create(pk=1)


def migrated_as_usual() -> None:
    """Migrate as `manage.py migrate` does: by the squashed migrations where all of theirs wait."""
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def walked_back(target: list[tuple[str, str]]) -> None:
    """Migrate back and forward again; rows that both sides know are unchanged at every stop."""
    before = contents()
    migrate_to(target)
    there = contents()
    migrated_as_usual()
    after = contents()
    assert set(after) == set(before)
    for table, columns in shared(before, there, after):
        was = cut(before[table][1], columns)
        assert cut(there[table][1], columns) == was, f"{table}, on the way back"
        assert cut(after[table][1], columns) == was, f"{table}, forward again"


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_everything_survives_the_way_back_to_the_first_migrations_and_forward(as_new_afterwards):
    a_furnished_house()
    walked_back(firsts())


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_single_migrations_make_what_the_squashed_ones_made(as_new_afterwards):
    """From nothing, and the first ones once more: none stands on what another one left behind."""
    a_new_cursor()
    before, rows = schema(), counts()
    empty_database()
    migrate_to([first for first in firsts() if first[1]])
    migrate_to(NOTHING)
    assert not contents()
    executor = SingleExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert schema() == before
    assert counts() == rows


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_squashed_migrations_can_be_taken_back_and_make_the_same_again(as_new_afterwards):
    a_new_cursor()
    before, rows = schema(), counts()
    MigrationExecutor(connection).migrate(NOTHING)
    assert not contents()
    migrated_as_usual()
    assert schema() == before
    assert counts() == rows


@pytest.mark.proof
def test_wherever_an_older_installation_stopped_the_rest_is_migrated(db):
    """After each single migration: the squashed ones step in only for rooms that have not begun."""
    single = SingleExecutor(connection)
    order = single.migration_plan(single.loader.graph.leaf_nodes(), clean_start=True)
    for count in range(len(order) + 1):
        applied = [(step.app_label, step.name) for step, _backwards in order[:count]]
        plan = planned_after(applied)
        for migration in filter(is_squashed, plan):
            assert not set(migration.replaces) & set(applied), (count, str(migration))
        done = [name for step in plan for name in step.replaces or [(step.app_label, step.name)]]
        assert sorted(applied + done) == sorted(single.loader.graph.nodes), count


def planned_after(applied: list[tuple[str, str]]) -> list:
    """Return what is migrated where these migrations are applied."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.all().delete()
    for room, name in applied:
        recorder.record_applied(room, name)
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    return [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def latest() -> list[tuple[str, str]]:
    """The targets of each app's last two migrations; the whole way back is tested above."""
    steps = defaultdict(list)
    changing = [migration for migration in ours() if migration.operations]
    for before, later in pairwise(changing):
        if before.app_label == later.app_label:
            steps[before.app_label].append((before.app_label, before.name))
    return [step for app in steps.values() for step in app[-2:]]


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("target", latest(), ids=".".join)
def test_each_step_back_keeps_what_has_a_place_there(as_new_afterwards, target):
    a_furnished_house()
    walked_back([target])

"""Tables as the database itself describes them, without the names that Django makes up."""

import re

from django.apps import apps
from django.db import connection

ROOMS = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
# Of each: its table, its name, and its definition.
POSTGRESQL = {
    "column": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || a.attidentity::text
            || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
            || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT c.relname, o.conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid""",
    "index": """
        SELECT c.relname, i.relname, pg_get_indexdef(i.oid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid""",
    "trigger": """
        SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal""",
}
SQLITE = "SELECT type, tbl_name, name, coalesce(sql, '') FROM sqlite_master"


def schema() -> dict[str, list[str]]:
    """Return the columns, constraints, indexes and triggers of each table of ours, sorted.

    The order of columns is left out: a renamed column keeps its place in one database and not in
    the other.
    """
    chosen = _chosen_names()
    tables: dict[str, list[str]] = {}
    for kind, table, name, definition in _rows():
        if table.partition("_")[0] in ROOMS:
            shown = name if name in chosen or kind in {"column", "table"} else "(made up)"
            text = re.sub(r"\s+", " ", definition.replace(name, shown))
            tables.setdefault(table, []).extend(f"{kind} {shown}: {part}" for part in _parts(text))
    return {table: sorted(lines) for table, lines in tables.items()}


def _parts(definition: str) -> list[str]:
    """Return the columns and constraints of a table, or what else is defined as it is."""
    start = definition.find("(")
    if not definition.startswith("CREATE TABLE"):
        return [definition]
    parts, depth = [""], 0
    for character in definition[start + 1 : definition.rindex(")")]:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _rows() -> list[tuple[str, str, str, str]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(SQLITE)
            return cursor.fetchall()
        found = []
        for kind, query in POSTGRESQL.items():
            cursor.execute(query)
            found += [(kind, *row) for row in cursor.fetchall()]
        return found


def _chosen_names() -> set[str]:
    """Return the names of constraints and indexes that stand in our models."""
    models = [model for model in apps.get_models() if model._meta.app_label in ROOMS]
    named = [each for model in models for each in (*model._meta.constraints, *model._meta.indexes)]
    return {each.name for each in named}

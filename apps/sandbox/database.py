"""The sandbox's SQLite file: its tables, their migrations, and one connection per thread."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local

# `born` is a moment of the sandbox's own clock; every other moment is the real time.
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    contract TEXT NOT NULL CHECK (contract IN ('wavespeed', 'comet')),
    reference TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    born REAL NOT NULL,
    base_url TEXT NOT NULL,
    input TEXT NOT NULL,
    drawing TEXT NOT NULL,
    clips INTEGER NOT NULL DEFAULT 1,
    webhook_url TEXT NOT NULL DEFAULT '',
    faults TEXT NOT NULL DEFAULT '[]',
    status TEXT NOT NULL DEFAULT 'created' CHECK (status IN (
        'created', 'processing', 'completed', 'failed', 'cancelled', 'timeout', 'deleted',
        'modal')),
    started_ns INTEGER NOT NULL DEFAULT 0,
    ended_ns INTEGER NOT NULL DEFAULT 0,
    inference_ms INTEGER NOT NULL DEFAULT 0,
    nsfw TEXT NOT NULL DEFAULT '[]',
    code INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    is_deleted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS orders_by_status ON orders (status);
CREATE INDEX IF NOT EXISTS orders_by_contract ON orders (contract, born);
CREATE TABLE IF NOT EXISTS money (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
    usd TEXT NOT NULL,
    UNIQUE (job_id, kind)
) STRICT;
CREATE TABLE IF NOT EXISTS webhooks (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES orders (id),
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    due REAL NOT NULL,
    is_finished INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (due) WHERE is_finished = 0;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    born REAL NOT NULL,
    is_complete INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS fault_firings (
    scope TEXT NOT NULL, fault TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (scope, fault)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_values (
    name TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
# Layout 2 knew both contracts, under other names of tables and columns.
FROM_LAYOUT_2 = """
BEGIN IMMEDIATE;
DROP INDEX IF EXISTS calls_to_make;
ALTER TABLE orders RENAME COLUMN mark TO reference;
ALTER TABLE orders RENAME COLUMN base TO base_url;
ALTER TABLE orders RENAME COLUMN wish TO drawing;
ALTER TABLE orders RENAME COLUMN hook TO webhook_url;
ALTER TABLE orders RENAME COLUMN forgotten TO is_deleted;
ALTER TABLE calls RENAME TO webhooks;
ALTER TABLE webhooks RENAME COLUMN done TO is_finished;
ALTER TABLE uploads RENAME COLUMN arrived TO is_complete;
ALTER TABLE bites RENAME TO fault_firings;
ALTER TABLE fault_firings RENAME COLUMN victim TO scope;
ALTER TABLE notes RENAME TO key_values;
COMMIT;
"""
# Layout 1 knew WaveSpeedAI's contract alone.
FROM_LAYOUT_1 = """
BEGIN IMMEDIATE;
INSERT INTO orders (number, id, contract, reference, created_ns, born, base_url, input, drawing,
                    status, inference_ms, nsfw, code, error)
SELECT number, id, 'wavespeed', json_extract(input, '$.image'),
       CAST(strftime('%s', created_at) AS INTEGER) * 1000000000,
       CAST(strftime('%s', created_at) AS INTEGER), '', input, input, status, inference_ms,
       CASE nsfw WHEN 1 THEN '[true]' WHEN 0 THEN '[false]' ELSE '[]' END, code, error FROM jobs;
INSERT INTO money (number, job_id, kind, usd) SELECT number, job_id, kind, usd FROM ledger;
DROP TABLE ledger;
DROP TABLE jobs;
COMMIT;
"""


class Database:
    """Connections to the file: one per thread, kept open; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = local()
        self._write_lock = Lock()
        self.connection.execute("PRAGMA journal_mode = WAL")
        if self._has_table("notes"):
            self.connection.executescript(FROM_LAYOUT_2)
        self.connection.executescript(SCHEMA)
        if self._has_table("jobs"):
            self.connection.executescript(FROM_LAYOUT_1)

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's own connection, for reading."""
        if not hasattr(self._local, "connection"):
            self._local.connection = self._connect()
        connection: sqlite3.Connection = self._local.connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction; an error in the block rolls everything back."""
        # Writers queue at this lock, because SQLite's busy handler would sleep between tries.
        with self._write_lock:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def _has_table(self, name: str) -> bool:
        query = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        return self.connection.execute(query, (name,)).fetchone() is not None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        # FULL would also survive a power cut, at the price of a disk flush per order. In WAL mode
        # a killed process loses nothing with NORMAL either, and that is all a sandbox promises.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

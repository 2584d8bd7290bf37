"""The sandbox's one SQLite file: what is in it, and how threads read and write it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    contract TEXT NOT NULL CHECK (contract IN ('wavespeed', 'comet')),
    mark TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    born REAL NOT NULL,
    base TEXT NOT NULL,
    input TEXT NOT NULL,
    wish TEXT NOT NULL,
    clips INTEGER NOT NULL DEFAULT 1,
    hook TEXT NOT NULL DEFAULT '',
    faults TEXT NOT NULL DEFAULT '[]',
    status TEXT NOT NULL DEFAULT 'created' CHECK (status IN (
        'created', 'processing', 'completed', 'failed', 'cancelled', 'timeout', 'deleted', 'modal')),
    started_ns INTEGER NOT NULL DEFAULT 0,
    ended_ns INTEGER NOT NULL DEFAULT 0,
    inference_ms INTEGER NOT NULL DEFAULT 0,
    nsfw TEXT NOT NULL DEFAULT '[]',
    code INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    forgotten INTEGER NOT NULL DEFAULT 0
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
CREATE TABLE IF NOT EXISTS calls (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES orders (id),
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    due REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS calls_to_make ON calls (due) WHERE done = 0;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    born REAL NOT NULL,
    arrived INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS bites (
    victim TEXT NOT NULL, fault TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (victim, fault)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""
# What a sandbox wrote before it knew a second contract.
FIRST_LAYOUT = """
BEGIN IMMEDIATE;
INSERT INTO orders (number, id, contract, mark, created_ns, born, base, input, wish, status, inference_ms,
                    nsfw, code, error)
SELECT number, id, 'wavespeed', json_extract(input, '$.image'),
       CAST(strftime('%s', created_at) AS INTEGER) * 1000000000,
       CAST(strftime('%s', created_at) AS INTEGER), '', input, input, status, inference_ms,
       CASE nsfw WHEN 1 THEN '[true]' WHEN 0 THEN '[false]' ELSE '[]' END, code, error FROM jobs;
INSERT INTO money (number, job_id, kind, usd) SELECT number, job_id, kind, usd FROM ledger;
DROP TABLE ledger;
DROP TABLE jobs;
COMMIT;
"""


class Memory:
    """Connections to the file: one per thread, kept; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = local()
        self._writing = Lock()
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)
        if self.db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'jobs'").fetchone():
            self.db.executescript(FIRST_LAYOUT)

    @property
    def db(self) -> sqlite3.Connection:
        """Return this thread's own connection, good for reading."""
        if not hasattr(self._mine, "db"):
            self._mine.db = self._opened()
        db: sqlite3.Connection = self._mine.db
        return db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction: all of it, or nothing where the block is left by an error."""
        with self._writing:  # in line here, so that nobody sleeps in SQLite's busy handler
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        # FULL would also survive a power cut, for a flush of the disk per order; a killed process
        # loses nothing in WAL either way, and that is what a sandbox promises.
        db.execute("PRAGMA synchronous = NORMAL")
        return db

"""The sandbox's own memory: jobs and money in one SQLite file that survives a kill at any moment."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from apps.vendors.types import Value

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    input TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'created'
        CHECK (status IN ('created', 'processing', 'completed', 'failed')),
    inference_ms INTEGER NOT NULL DEFAULT 0,
    nsfw INTEGER,
    code INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
    usd TEXT NOT NULL,
    UNIQUE (job_id, kind)
) STRICT;
"""
LEDGER = """
SELECT charge.job_id AS id, charge.usd AS charged, coalesce(refund.usd, '0') AS refunded
FROM ledger AS charge LEFT JOIN ledger AS refund ON refund.job_id = charge.job_id AND refund.kind = 'refund'
WHERE charge.kind = 'charge' ORDER BY charge.number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One order as the sandbox keeps it."""

    id: str
    created_at: str
    input: dict[str, Value]
    status: str
    inference_ms: int
    nsfw: bool | None
    code: int
    error: str


class Store:
    """Every verb is one transaction; any thread may call it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)

    def take(self, request: dict[str, Value], price: Decimal) -> Job:
        """Write an order and its charge down together, so that neither is ever there alone."""
        job_id = uuid4().hex
        with self._open() as db:
            db.execute(
                "INSERT INTO jobs (id, created_at, input) VALUES (?, ?, ?)",
                (job_id, _now(), json.dumps(request)),
            )
            db.execute("INSERT INTO ledger (job_id, kind, usd) VALUES (?, 'charge', ?)", (job_id, str(price)))
            return _one(db, job_id)

    def find(self, job_id: str) -> Job | None:
        """Return a job, or None where nobody ordered it."""
        with self._open() as db:
            row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return _job(row) if row else None

    def claim(self, job_id: str) -> Job | None:
        """Start a job that waits; None where somebody else did."""
        with self._open() as db:
            claimed = db.execute(
                "UPDATE jobs SET status = 'processing' WHERE id = ? AND status = 'created'", (job_id,)
            )
            return _one(db, job_id) if claimed.rowcount else None

    def complete(self, job_id: str, *, nsfw: bool, inference_ms: int) -> None:
        """Write down that the clip is there."""
        with self._open() as db:
            db.execute(
                "UPDATE jobs SET status = 'completed', nsfw = ?, inference_ms = ?"
                " WHERE id = ? AND status = 'processing'",
                (nsfw, inference_ms, job_id),
            )

    def fail(self, job_id: str, *, code: int, error: str) -> None:
        """Write down why there is no clip, and give the money back in the same breath."""
        with self._open() as db:
            failed = db.execute(
                "UPDATE jobs SET status = 'failed', code = ?, error = ?"
                " WHERE id = ? AND status = 'processing'",
                (code, error, job_id),
            )
            if failed.rowcount:
                db.execute(
                    "INSERT INTO ledger (job_id, kind, usd)"
                    " SELECT job_id, 'refund', usd FROM ledger WHERE job_id = ? AND kind = 'charge'",
                    (job_id,),
                )

    def unfinished(self) -> list[str]:
        """Put what a stopped process left half done back in line; return the line, oldest first."""
        with self._open() as db:
            db.execute("UPDATE jobs SET status = 'created' WHERE status = 'processing'")
            return [
                row["id"]
                for row in db.execute("SELECT id FROM jobs WHERE status = 'created' ORDER BY number")
            ]

    def ledger(self) -> list[dict[str, str]]:
        """Return one line per job, oldest first: its id, what was charged, what was given back."""
        with self._open() as db:
            return [dict(row) for row in db.execute(LEDGER)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as db:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = FULL")
            with db:
                yield db


def _one(db: sqlite3.Connection, job_id: str) -> Job:
    return _job(db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone())


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        created_at=row["created_at"],
        input=json.loads(row["input"]),
        status=row["status"],
        inference_ms=row["inference_ms"],
        nsfw=None if row["nsfw"] is None else bool(row["nsfw"]),
        code=row["code"],
        error=row["error"],
    )


def _now() -> str:
    """Return the time with nine digits after the second, as the vendor writes it (contracts 7.2)."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"

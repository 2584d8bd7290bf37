"""Jobs and money: every verb is one transaction, any thread may call it, and a kill at any moment loses nothing."""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import uuid4

from apps.sandbox.hooks import calls_of
from apps.sandbox.jobs import Job, NewOrder, job_of
from apps.sandbox.memory import Memory

ONE = "SELECT * FROM orders WHERE id = ?"
LEDGER = """
SELECT charge.job_id AS id, orders.contract, charge.usd AS charged, coalesce(refund.usd, '0') AS refunded
FROM money AS charge JOIN orders ON orders.id = charge.job_id
LEFT JOIN money AS refund ON refund.job_id = charge.job_id AND refund.kind = 'refund'
WHERE charge.kind = 'charge' ORDER BY charge.number
"""
TRUTH = """
SELECT orders.id, contract, mark, status, charge.usd AS charged, coalesce(refund.usd, '0') AS refunded,
       CASE status WHEN 'completed' THEN clips ELSE 0 END AS outputs,
       created_ns / 1e9 AS created_at, nullif(ended_ns, 0) / 1e9 AS ended_at
FROM orders JOIN money AS charge ON charge.job_id = orders.id AND charge.kind = 'charge'
LEFT JOIN money AS refund ON refund.job_id = orders.id AND refund.kind = 'refund' ORDER BY orders.number
"""
# Sums of money in whole parts of 1/10000 USD, which add up exactly.
SPENT = """
SELECT coalesce(sum(CAST(round(usd * 10000) AS INTEGER) * CASE kind WHEN 'charge' THEN 1 ELSE -1 END), 0)
FROM money
"""


class NoCredit(Exception):
    """The order costs more than the account has left."""


class TooMany(Exception):
    """The account has ordered as much as it may in this minute."""


class Store:
    """The life of every job, and what was charged and given back for it."""

    def __init__(
        self, memory: Memory, *, balance: Decimal | None = None, per_minute: int | None = None
    ) -> None:
        self._memory, self._balance, self._per_minute = memory, balance, per_minute
        self._last_id = 0
        # Told whenever calls to a customer have been written down.
        self.on_calls: Callable[[], None] = _nobody

    def take(self, order: NewOrder, *, now: float) -> Job:
        """Write an order and its charge down together, or raise NoCredit or TooMany."""
        with self._memory.writing() as db:
            self._afford(db, order.price)
            self._pace(db, now)
            job_id = self._fresh_id(db, order.contract)
            row = {
                "id": job_id,
                "contract": order.contract,
                "mark": order.mark,
                "created_ns": time.time_ns(),
                "born": now,
                "base": order.base,
                "input": json.dumps(order.input),
                "wish": json.dumps(order.wish),
                "clips": order.clips,
                "hook": order.hook,
                "faults": json.dumps([asdict(called) for called in order.faults]),
            }
            names, holders = ", ".join(row), ", ".join(f":{name}" for name in row)
            db.execute(f"INSERT INTO orders ({names}) VALUES ({holders})", row)  # noqa: S608 (names are ours)
            _book(db, job_id, "charge", str(order.price))
            job = _moved(db, job_id, now)
        return self._told(job)

    def find(self, job_id: str) -> Job | None:
        """Return a job, or None where nobody ordered it or its customer had it deleted."""
        row = self._memory.db.execute(f"{ONE} AND forgotten = 0", (job_id,)).fetchone()
        return job_of(row) if row else None

    def among(self, contract: str, job_ids: Sequence[str]) -> list[Job]:
        """Return the jobs with these ids; unknown ones are left out."""
        holders = ", ".join("?" * len(job_ids))
        rows = self._memory.db.execute(
            f"SELECT * FROM orders WHERE contract = ? AND forgotten = 0 AND id IN ({holders})",  # noqa: S608
            (contract, *job_ids),
        )
        return [job_of(row) for row in rows]

    def page(self, wanted: dict[str, object], *, limit: int, skip: int) -> tuple[int, list[Job]]:
        """Return how many of WaveSpeed's jobs match, and some of them, newest first."""
        where = " AND ".join(["contract = 'wavespeed'", "forgotten = 0", *wanted])
        db, values = self._memory.db, tuple(wanted.values())
        total = db.execute(f"SELECT count(*) FROM orders WHERE {where}", values).fetchone()[0]  # noqa: S608
        rows = db.execute(
            f"SELECT * FROM orders WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?",  # noqa: S608
            (*values, limit, skip),
        )
        return total, [job_of(row) for row in rows]

    def claim(self, job_id: str, *, now: float) -> Job | None:
        """Start a job that waits; None where somebody else did."""
        with self._memory.writing() as db:
            claimed = db.execute(
                "UPDATE orders SET status = 'processing', started_ns = ? WHERE id = ? AND status = 'created'",
                (time.time_ns(), job_id),
            )
            job = _moved(db, job_id, now) if claimed.rowcount else None
        return self._told(job) if job else None

    def complete(self, job_id: str, *, nsfw: Sequence[bool], inference_ms: int, now: float) -> None:
        """Write down that the clips are there."""
        with self._memory.writing() as db:
            done = db.execute(
                "UPDATE orders SET status = 'completed', nsfw = ?, inference_ms = ?, ended_ns = ?"
                " WHERE id = ? AND status = 'processing'",
                (json.dumps(list(nsfw)), inference_ms, time.time_ns(), job_id),
            )
            job = _moved(db, job_id, now) if done.rowcount else None
        if job:
            self._told(job)

    def end(
        self, job_id: str, *, status: str, code: int, error: str, now: float, refund: bool = True
    ) -> bool:
        """Write down why there is no clip, and give the money back in the same breath; False where it had ended."""
        with self._memory.writing() as db:
            ended = db.execute(
                "UPDATE orders SET status = ?, code = ?, error = ?, ended_ns = ?"
                " WHERE id = ? AND status IN ('created', 'processing')",
                (status, code, error, time.time_ns(), job_id),
            )
            if ended.rowcount and refund:
                db.execute(
                    "INSERT INTO money (job_id, kind, usd)"
                    " SELECT job_id, 'refund', usd FROM money WHERE job_id = ? AND kind = 'charge'",
                    (job_id,),
                )
            job = _moved(db, job_id, now) if ended.rowcount else None
        return bool(job and self._told(job))

    def forget(self, job_ids: Sequence[str]) -> list[str]:
        """Delete jobs for their customer, stopping what runs; return which were there. The ledger stays."""
        holders = ", ".join("?" * len(job_ids))
        with self._memory.writing() as db:
            gone = db.execute(
                "UPDATE orders SET forgotten = 1,"  # noqa: S608
                " ended_ns = CASE ended_ns WHEN 0 THEN ? ELSE ended_ns END,"
                " status = CASE WHEN status IN ('created', 'processing') THEN 'deleted' ELSE status END"
                f" WHERE contract = 'wavespeed' AND forgotten = 0 AND id IN ({holders}) RETURNING id",
                (time.time_ns(), *job_ids),
            )
            return [row["id"] for row in gone]

    def unfinished(self) -> list[str]:
        """Put what a stopped process left half done back in line; return the line, oldest first."""
        with self._memory.writing() as db:
            db.execute("UPDATE orders SET status = 'created' WHERE status = 'processing'")
            waiting = db.execute("SELECT id FROM orders WHERE status = 'created' ORDER BY number")
            return [row["id"] for row in waiting]

    def calls_after(self, number: int) -> list[tuple[int, float]]:
        """Return the calls to customers that are still to be made, and when each is due."""
        rows = self._memory.db.execute(
            "SELECT number, due FROM calls WHERE done = 0 AND number > ? ORDER BY number", (number,)
        )
        return [(row["number"], row["due"]) for row in rows]

    def call(self, number: int) -> tuple[Job, str, str]:
        """Return whose call it is, the status it tells of, and its kind."""
        row = self._memory.db.execute("SELECT * FROM calls WHERE number = ?", (number,)).fetchone()
        job = job_of(self._memory.db.execute(ONE, (row["job_id"],)).fetchone())
        return job, row["status"], row["kind"]

    def called(self, number: int) -> None:
        """Write down that a call was made, or given up."""
        with self._memory.writing() as db:
            db.execute("UPDATE calls SET done = 1 WHERE number = ?", (number,))

    def ledger(self) -> list[dict[str, str]]:
        """Return one line per job, oldest first: its id, what was charged, what was given back."""
        return [dict(row) for row in self._memory.db.execute(LEDGER)]

    def truth(self) -> list[dict[str, object]]:
        """Return every job there ever was with what became of it, oldest first."""
        return [dict(row) for row in self._memory.db.execute(TRUTH)]

    def spent(self) -> Decimal:
        """Return what the account has paid so far, less what it got back."""
        return Decimal(self._memory.db.execute(SPENT).fetchone()[0]) / 10000

    def _told(self, job: Job) -> Job:
        if job.hook:
            self.on_calls()
        return job

    def _afford(self, db: sqlite3.Connection, price: Decimal) -> None:
        if self._balance is not None:
            spent = Decimal(db.execute(SPENT).fetchone()[0]) / 10000
            if spent + price > self._balance:
                raise NoCredit

    def _pace(self, db: sqlite3.Connection, now: float) -> None:
        """Hold the tier's limit; its window starts anew with each minute (contracts 1.11)."""
        if self._per_minute is not None:
            taken = db.execute(
                "SELECT count(*) FROM orders WHERE born >= ?", (now - now % 60,)
            ).fetchone()[0]
            if taken >= self._per_minute:
                raise TooMany

    def _fresh_id(self, db: sqlite3.Connection, contract: str) -> str:
        """Return 32 hex digits for WaveSpeed, 16 digits of time for Comet (contracts 1.3 and 3.4)."""
        if contract == "wavespeed":
            return uuid4().hex
        self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
        while db.execute(ONE, (str(self._last_id),)).fetchone():
            self._last_id += 1
        return str(self._last_id)


def _nobody() -> None:
    """Stand in until somebody makes calls."""


def _moved(db: sqlite3.Connection, job_id: str, now: float) -> Job:
    """Return a job whose status has just changed, with the calls that follow from it written down."""
    job = job_of(db.execute(ONE, (job_id,)).fetchone())
    db.executemany(
        "INSERT INTO calls (job_id, status, kind, due) VALUES (?, ?, ?, ?)",
        [(job.id, job.status, call.kind, now + call.delay) for call in calls_of(job)],
    )
    return job


def _book(db: sqlite3.Connection, job_id: str, kind: str, usd: str) -> None:
    db.execute("INSERT INTO money (job_id, kind, usd) VALUES (?, ?, ?)", (job_id, kind, usd))

"""Jobs and money: every method is one transaction, so that a kill at any moment loses nothing."""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import uuid4

from apps.sandbox.database import Database
from apps.sandbox.jobs import Job, NewOrder, job_of
from apps.sandbox.webhook_schedule import webhooks_for

SELECT_JOB = "SELECT * FROM orders WHERE id = ?"
SELECT_LEDGER = """
SELECT charge.job_id AS id, orders.contract, charge.usd AS charged,
       coalesce(refund.usd, '0') AS refunded
FROM money AS charge JOIN orders ON orders.id = charge.job_id
LEFT JOIN money AS refund ON refund.job_id = charge.job_id AND refund.kind = 'refund'
WHERE charge.kind = 'charge' ORDER BY charge.number
"""
SELECT_ALL_JOBS = """
SELECT orders.id, contract, reference, status, charge.usd AS charged,
       coalesce(refund.usd, '0') AS refunded,
       CASE status WHEN 'completed' THEN clips ELSE 0 END AS outputs,
       created_ns / 1e9 AS created_at, nullif(ended_ns, 0) / 1e9 AS ended_at
FROM orders JOIN money AS charge ON charge.job_id = orders.id AND charge.kind = 'charge'
LEFT JOIN money AS refund ON refund.job_id = orders.id AND refund.kind = 'refund'
ORDER BY orders.number
"""
# Money is added up in whole parts of 1/10000 USD, because binary floats would not be exact.
PARTS_PER_USD = 10_000
SELECT_SPENT_PARTS = """
SELECT coalesce(sum(CAST(round(usd * 10000) AS INTEGER)
                    * CASE kind WHEN 'charge' THEN 1 ELSE -1 END), 0)
FROM money
"""


class OutOfCredit(Exception):
    """The order costs more than the account has left."""


class RateLimited(Exception):
    """The account has placed as many orders in this minute as its tier allows."""


class Store:
    """The life of every job, and the charges and refunds for it."""

    def __init__(
        self, database: Database, *, balance: Decimal | None = None, per_minute: int | None = None
    ) -> None:
        self._database = database
        self._balance = balance
        self._per_minute = per_minute
        self._last_id = 0
        # Runs whenever webhooks were stored that have to be sent.
        self.on_webhooks: Callable[[], None] = _do_nothing

    def accept(self, order: NewOrder, *, now: float) -> Job:
        """Store an order and its charge together, or raise OutOfCredit or RateLimited."""
        with self._database.transaction() as connection:
            self._check_balance(connection, order.price)
            self._check_rate(connection, now)
            job_id = self._new_id(connection, order.contract)
            row = {
                "id": job_id,
                "contract": order.contract,
                "reference": order.reference,
                "created_ns": time.time_ns(),
                "born": now,
                "base_url": order.base_url,
                "input": json.dumps(order.input),
                "drawing": json.dumps(order.drawing),
                "clips": order.clips,
                "webhook_url": order.webhook_url,
                "faults": json.dumps([asdict(injected) for injected in order.faults]),
            }
            columns = ", ".join(row)
            placeholders = ", ".join(f":{name}" for name in row)
            statement = f"INSERT INTO orders ({columns}) VALUES ({placeholders})"  # noqa: S608 (our own names)
            connection.execute(statement, row)
            _record_money(connection, job_id, "charge", str(order.price))
            job = _store_webhooks(connection, job_id, now)
        return self._announce_webhooks(job)

    def find(self, job_id: str) -> Job | None:
        """Return a job; None where there is none, or where its customer deleted it."""
        query = f"{SELECT_JOB} AND is_deleted = 0"
        row = self._database.connection.execute(query, (job_id,)).fetchone()
        return job_of(row) if row else None

    def find_many(self, contract: str, job_ids: Sequence[str]) -> list[Job]:
        """Return the jobs with these ids; unknown ids are left out."""
        placeholders = ", ".join("?" * len(job_ids))
        rows = self._database.connection.execute(
            "SELECT * FROM orders WHERE contract = ? AND is_deleted = 0"  # noqa: S608
            f" AND id IN ({placeholders})",
            (contract, *job_ids),
        )
        return [job_of(row) for row in rows]

    def page(
        self, conditions: dict[str, object], *, limit: int, skip: int
    ) -> tuple[int, list[Job]]:
        """Return how many WaveSpeedAI jobs match, and one page of them, newest first."""
        where = " AND ".join(["contract = 'wavespeed'", "is_deleted = 0", *conditions])
        connection = self._database.connection
        values = tuple(conditions.values())
        count = f"SELECT count(*) FROM orders WHERE {where}"  # noqa: S608
        total = connection.execute(count, values).fetchone()[0]
        rows = connection.execute(
            f"SELECT * FROM orders WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?",  # noqa: S608
            (*values, limit, skip),
        )
        return total, [job_of(row) for row in rows]

    def claim(self, job_id: str, *, now: float) -> Job | None:
        """Start a waiting job; None where another thread started it."""
        with self._database.transaction() as connection:
            claimed = connection.execute(
                "UPDATE orders SET status = 'processing', started_ns = ?"
                " WHERE id = ? AND status = 'created'",
                (time.time_ns(), job_id),
            )
            job = _store_webhooks(connection, job_id, now) if claimed.rowcount else None
        return self._announce_webhooks(job) if job else None

    def complete(self, job_id: str, *, nsfw: Sequence[bool], inference_ms: int, now: float) -> None:
        """Store that the clips of a job are there."""
        with self._database.transaction() as connection:
            completed = connection.execute(
                "UPDATE orders SET status = 'completed', nsfw = ?, inference_ms = ?, ended_ns = ?"
                " WHERE id = ? AND status = 'processing'",
                (json.dumps(list(nsfw)), inference_ms, time.time_ns(), job_id),
            )
            job = _store_webhooks(connection, job_id, now) if completed.rowcount else None
        if job:
            self._announce_webhooks(job)

    def end(
        self, job_id: str, *, status: str, code: int, error: str, now: float, refund: bool = True
    ) -> bool:
        """End a job without a clip and refund it; return False where it had ended before."""
        with self._database.transaction() as connection:
            ended = connection.execute(
                "UPDATE orders SET status = ?, code = ?, error = ?, ended_ns = ?"
                " WHERE id = ? AND status IN ('created', 'processing')",
                (status, code, error, time.time_ns(), job_id),
            )
            if ended.rowcount and refund:
                connection.execute(
                    "INSERT INTO money (job_id, kind, usd) SELECT job_id, 'refund', usd"
                    " FROM money WHERE job_id = ? AND kind = 'charge'",
                    (job_id,),
                )
            job = _store_webhooks(connection, job_id, now) if ended.rowcount else None
        return bool(job and self._announce_webhooks(job))

    def delete(self, job_ids: Sequence[str]) -> list[str]:
        """Delete jobs for their customer and stop running ones; return the ids that were there.

        The ledger keeps their charges.
        """
        placeholders = ", ".join("?" * len(job_ids))
        with self._database.transaction() as connection:
            deleted = connection.execute(
                "UPDATE orders SET is_deleted = 1,"  # noqa: S608
                " ended_ns = CASE ended_ns WHEN 0 THEN ? ELSE ended_ns END,"
                " status = CASE WHEN status IN ('created', 'processing') THEN 'deleted'"
                " ELSE status END"
                " WHERE contract = 'wavespeed' AND is_deleted = 0"
                f" AND id IN ({placeholders}) RETURNING id",
                (time.time_ns(), *job_ids),
            )
            return [row["id"] for row in deleted]

    def requeue_unfinished(self) -> list[str]:
        """Put jobs of a stopped process back to `created`; return all waiting ids, oldest first."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE orders SET status = 'created' WHERE status = 'processing'")
            waiting = connection.execute(
                "SELECT id FROM orders WHERE status = 'created' ORDER BY number"
            )
            return [row["id"] for row in waiting]

    def webhooks_after(self, number: int) -> list[tuple[int, float]]:
        """Return number and due time of webhooks still to be sent, after this number."""
        rows = self._database.connection.execute(
            "SELECT number, due FROM webhooks WHERE is_finished = 0 AND number > ? ORDER BY number",
            (number,),
        )
        return [(row["number"], row["due"]) for row in rows]

    def webhook(self, number: int) -> tuple[Job, str, str]:
        """Return the job of a webhook, the status it reports, and its kind."""
        connection = self._database.connection
        row = connection.execute("SELECT * FROM webhooks WHERE number = ?", (number,)).fetchone()
        job = job_of(connection.execute(SELECT_JOB, (row["job_id"],)).fetchone())
        return job, row["status"], row["kind"]

    def finish_webhook(self, number: int) -> None:
        """Store that a webhook was delivered, or given up."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE webhooks SET is_finished = 1 WHERE number = ?", (number,))

    def ledger(self) -> list[dict[str, str]]:
        """Return one row per job, oldest first: its id, its charge and its refund."""
        return [dict(row) for row in self._database.connection.execute(SELECT_LEDGER)]

    def all_jobs(self) -> list[dict[str, object]]:
        """Return every job there ever was, deleted ones too, oldest first."""
        return [dict(row) for row in self._database.connection.execute(SELECT_ALL_JOBS)]

    def total_spent(self) -> Decimal:
        """Return what the account has paid so far, minus its refunds."""
        return _total_spent(self._database.connection)

    def _announce_webhooks(self, job: Job) -> Job:
        if job.webhook_url:
            self.on_webhooks()
        return job

    def _check_balance(self, connection: sqlite3.Connection, price: Decimal) -> None:
        if self._balance is not None and _total_spent(connection) + price > self._balance:
            raise OutOfCredit

    def _check_rate(self, connection: sqlite3.Connection, now: float) -> None:
        """Apply the limit per minute; its window starts with each minute.

        Source: docs/vendor-contracts.md, section 1.11.
        """
        if self._per_minute is None:
            return
        count = "SELECT count(*) FROM orders WHERE born >= ?"
        if connection.execute(count, (now - now % 60,)).fetchone()[0] >= self._per_minute:
            raise RateLimited

    def _new_id(self, connection: sqlite3.Connection, contract: str) -> str:
        """Return 32 hex digits for WaveSpeedAI, 16 digits of time for CometAPI.

        Source: docs/vendor-contracts.md, sections 1.3 and 3.4.
        """
        if contract == "wavespeed":
            return uuid4().hex
        self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
        while connection.execute(SELECT_JOB, (str(self._last_id),)).fetchone():
            self._last_id += 1
        return str(self._last_id)


def _do_nothing() -> None:
    """Stand in until somebody sends webhooks."""


def _total_spent(connection: sqlite3.Connection) -> Decimal:
    return Decimal(connection.execute(SELECT_SPENT_PARTS).fetchone()[0]) / PARTS_PER_USD


def _store_webhooks(connection: sqlite3.Connection, job_id: str, now: float) -> Job:
    """Store the webhooks that follow from a job's new status, and return the job."""
    job = job_of(connection.execute(SELECT_JOB, (job_id,)).fetchone())
    connection.executemany(
        "INSERT INTO webhooks (job_id, status, kind, due) VALUES (?, ?, ?, ?)",
        [
            (job.id, job.status, webhook.kind, now + webhook.delay_seconds)
            for webhook in webhooks_for(job)
        ],
    )
    return job


def _record_money(connection: sqlite3.Connection, job_id: str, kind: str, usd: str) -> None:
    statement = "INSERT INTO money (job_id, kind, usd) VALUES (?, ?, ?)"
    connection.execute(statement, (job_id, kind, usd))

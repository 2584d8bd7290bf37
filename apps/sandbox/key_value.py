"""Small values the sandbox keeps: the clock, fault rates, how often faults fired, uploads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from apps.sandbox.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that a customer announced, and whether its content was uploaded."""

    id: str
    filename: str
    content_type: str
    size: int
    born: float
    is_complete: bool


NO_FAULT_RATES: dict[str, Any] = {"rates": {}, "seed": 0}


class KeyValueStore:
    """Every method is one transaction; any thread may call it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, default: Any) -> Any:
        """Return the value of a name."""
        row = self._database.connection.execute(
            "SELECT value FROM key_values WHERE name = ?", (name,)
        ).fetchone()
        return json.loads(row["value"]) if row else default

    def put(self, name: str, value: object) -> None:
        """Store a value under a name."""
        with self._database.transaction() as connection:
            connection.execute(
                "REPLACE INTO key_values (name, value) VALUES (?, ?)", (name, json.dumps(value))
            )

    def fault_rates(self) -> dict[str, Any]:
        """Return the rate of each fault, and the seed that draws them."""
        rates: dict[str, Any] = self.get("faults", NO_FAULT_RATES)
        return rates

    def fire(self, scope: str, fault: str, times: int | None) -> bool:
        """Count one firing of a fault and return whether it still fires.

        A fault without a limit (`times` is None) always fires and is not counted.
        """
        if times is None:
            return True
        with self._database.transaction() as connection:
            counted = connection.execute(
                "INSERT INTO fault_firings (scope, fault, times) SELECT ?, ?, 1 WHERE ? > 0"
                " ON CONFLICT (scope, fault) DO UPDATE SET times = times + 1 WHERE times < ?",
                (scope, fault, times, times),
            )
            return bool(counted.rowcount)

    def reset(self, scope: str) -> None:
        """Forget how often the faults of a scope fired."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM fault_firings WHERE scope = ?", (scope,))

    def create_upload(self, filename: str, content_type: str, size: int, *, now: float) -> Upload:
        """Store the announcement of a file."""
        upload = Upload(
            id=uuid4().hex,
            filename=filename,
            content_type=content_type,
            size=size,
            born=now,
            is_complete=False,
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO uploads (id, filename, content_type, size, born)"
                " VALUES (?, ?, ?, ?, ?)",
                (upload.id, filename, content_type, size, now),
            )
        return upload

    def get_upload(self, upload_id: str) -> Upload | None:
        """Return an announced file."""
        row = self._database.connection.execute(
            "SELECT * FROM uploads WHERE id = ?", (upload_id,)
        ).fetchone()
        return _upload_of(dict(row)) if row else None

    def mark_uploaded(self, upload_id: str) -> None:
        """Store that the content of a file is there."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE uploads SET is_complete = 1 WHERE id = ?", (upload_id,))


def _upload_of(row: Mapping[str, Any]) -> Upload:
    return Upload(**{**row, "is_complete": bool(row["is_complete"])})

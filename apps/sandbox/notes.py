"""Small things the sandbox keeps: its clock, its rates of faults, who was bitten how often, what was uploaded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from apps.sandbox.memory import Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file a customer announced, and whether it has come."""

    id: str
    filename: str
    content_type: str
    size: int
    born: float
    arrived: bool


NO_FAULTS: dict[str, Any] = {"rates": {}, "seed": 0}


class Notes:
    """Every verb is one transaction; any thread may call it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, name: str, otherwise: Any) -> Any:
        """Return what was kept under a name."""
        row = self._memory.db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row else otherwise

    def faults(self) -> dict[str, Any]:
        """Return how often which faults are drawn, and from which seed."""
        drawn: dict[str, Any] = self.get("faults", NO_FAULTS)
        return drawn

    def keep(self, name: str, value: object) -> None:
        """Keep something under a name."""
        with self._memory.writing() as db:
            db.execute("REPLACE INTO notes (name, value) VALUES (?, ?)", (name, json.dumps(value)))

    def bite(self, victim: str, fault: str, times: int | None) -> bool:
        """Count one more bite, and say whether it was still due; without a number every one is, uncounted."""
        if times is None:
            return True
        with self._memory.writing() as db:
            bitten = db.execute(
                "INSERT INTO bites (victim, fault, times) SELECT ?, ?, 1 WHERE ? > 0"
                " ON CONFLICT (victim, fault) DO UPDATE SET times = times + 1 WHERE times < ?",
                (victim, fault, times, times),
            )
            return bool(bitten.rowcount)

    def heal(self, victim: str) -> None:
        """Forget the bites of somebody."""
        with self._memory.writing() as db:
            db.execute("DELETE FROM bites WHERE victim = ?", (victim,))

    def announce(self, filename: str, content_type: str, size: int, *, now: float) -> Upload:
        """Write down a file that is to come."""
        upload = Upload(
            id=uuid4().hex,
            filename=filename,
            content_type=content_type,
            size=size,
            born=now,
            arrived=False,
        )
        with self._memory.writing() as db:
            db.execute(
                "INSERT INTO uploads (id, filename, content_type, size, born) VALUES (?, ?, ?, ?, ?)",
                (upload.id, filename, content_type, size, now),
            )
        return upload

    def upload(self, upload_id: str) -> Upload | None:
        """Return an announced file."""
        row = self._memory.db.execute("SELECT * FROM uploads WHERE id = ?", (upload_id,)).fetchone()
        return _upload(dict(row)) if row else None

    def arrive(self, upload_id: str) -> None:
        """Write down that a file has come."""
        with self._memory.writing() as db:
            db.execute("UPDATE uploads SET arrived = 1 WHERE id = ?", (upload_id,))


def _upload(row: Mapping[str, Any]) -> Upload:
    return Upload(**{**row, "arrived": bool(row["arrived"])})

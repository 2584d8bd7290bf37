"""One order as the sandbox keeps it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apps.sandbox.calling import Called
from apps.sandbox.faults import FAULTS
from apps.vendors.types import Value

RUNNING = ("created", "processing")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What a contract made of a customer's words, before it is taken."""

    contract: str
    # What the customer can know its order by: the image's address, or its own state.
    mark: str
    # What is told back, and what is drawn: prompt, image, resolution, seed, and so on.
    input: Mapping[str, object]
    wish: Mapping[str, Value]
    price: Decimal
    base: str
    clips: int = 1
    hook: str = ""
    faults: tuple[Called, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One order that was taken; `born` is by the sandbox's clock, the rest by the world's."""

    id: str
    contract: str
    mark: str
    created_ns: int
    born: float
    base: str
    input: dict[str, Any]
    wish: dict[str, Value]
    clips: int
    hook: str
    faults: tuple[Called, ...]
    status: str
    started_ns: int
    ended_ns: int
    inference_ms: int
    nsfw: tuple[bool, ...]
    code: int
    error: str

    @property
    def created_at(self) -> str:
        """Return the time with nine digits after the second, as WaveSpeed writes it (contracts 7.2)."""
        seconds, nanoseconds = divmod(self.created_ns, 1_000_000_000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"

    @property
    def is_done(self) -> bool:
        """Tell whether there are clips."""
        return self.status == "completed"

    def called(self, name: str) -> Called | None:
        """Return the fault of this name, if the job has it."""
        return next((called for called in self.faults if called.name == name), None)


def job_of(row: sqlite3.Row) -> Job:
    """Read a job from its row."""
    kept = {name: row[name] for name in row.keys() if name in Job.__slots__}  # noqa: SIM118 (a Row iterates values)
    return Job(
        **kept
        | {
            "input": json.loads(row["input"]),
            "wish": json.loads(row["wish"]),
            "nsfw": tuple(json.loads(row["nsfw"])),
            "faults": tuple(
                Called(**one) for one in json.loads(row["faults"]) if one["name"] in FAULTS
            ),
        }
    )

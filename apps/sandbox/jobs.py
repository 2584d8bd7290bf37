"""One order as the sandbox keeps it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apps.sandbox.fault_injection import InjectedFault, stored_fault
from apps.sandbox.faults import FAULTS
from apps.vendors.offer import Value

RUNNING = ("created", "processing")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A checked order before it is accepted, in a form that both contracts share."""

    contract: str
    # The value by which the customer recognises its order: the image's address, or its own state.
    reference: str
    # The parameters as answers repeat them.
    input: Mapping[str, object]
    # The parameters of the drawing: prompt, image, resolution, seed and so on.
    drawing: Mapping[str, Value]
    price: Decimal
    base_url: str
    clips: int = 1
    webhook_url: str = ""
    faults: tuple[InjectedFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted order; `born` is by the sandbox's clock, every other moment is real time."""

    id: str
    contract: str
    reference: str
    created_ns: int
    born: float
    base_url: str
    input: dict[str, Any]
    drawing: dict[str, Value]
    clips: int
    webhook_url: str
    faults: tuple[InjectedFault, ...]
    status: str
    started_ns: int
    ended_ns: int
    inference_ms: int
    nsfw: tuple[bool, ...]
    code: int
    error: str

    @property
    def creation_time(self) -> str:
        """Return the time with nine digits after the second, as WaveSpeedAI writes it.

        Source: docs/vendor-contracts.md, section 7, trap 2.
        """
        seconds, nanoseconds = divmod(self.created_ns, 1_000_000_000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"

    @property
    def is_done(self) -> bool:
        """Whether there are clips."""
        return self.status == "completed"

    def fault(self, name: str) -> InjectedFault | None:
        """Return the fault of this name, if the job has it."""
        return next((injected for injected in self.faults if injected.name == name), None)


def job_of(row: sqlite3.Row) -> Job:
    """Return the job of a row."""
    # Iterating a Row yields its values, so that its keys must be asked for.
    columns = {name: row[name] for name in row.keys() if name in Job.__slots__}  # noqa: SIM118
    faults = (stored_fault(one) for one in json.loads(row["faults"]) if one["name"] in FAULTS)
    return Job(
        **columns
        | {
            "input": json.loads(row["input"]),
            "drawing": json.loads(row["drawing"]),
            "nsfw": tuple(json.loads(row["nsfw"])),
            "faults": tuple(faults),
        }
    )

"""Faults of one order: named by words in its prompt, or drawn by a rate."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.sandbox.faults import FAULTS, Fault

FAULT_WORD = re.compile(r"\[fault:([a-z0-9_]+)((?::[a-z_]+=[!-9;-\\^-~]*)*)\]")
# At most some thirty years in seconds, to the millisecond.
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectedFault:
    """A fault that an order or a job has, with the options given for it."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    by_rate: bool = False

    @property
    def fault(self) -> Fault:
        """Return its row of the fault table."""
        return FAULTS[self.name]

    @property
    def times(self) -> int | None:
        """Return how often it fires; None for no limit."""
        times = self.options.get("times", "")
        if times.isdecimal():
            return int(times[:6])
        return None if times == "ever" else self.fault.times

    def text(self, name: str) -> str:
        """Return an option as given, else its default in the table."""
        return self.options.get(name, self.fault.options.get(name, ""))

    def number(self, name: str) -> float:
        """Return an option as a number; its default where the given one is none."""
        given = self.options.get(name, "")
        return float(given if NUMBER.fullmatch(given) else self.fault.options.get(name, "0"))

    def http_status(self, default: int) -> int:
        """Return the HTTP status given as an option, if it is one."""
        status = int(self.number("status"))
        return status if 200 <= status <= 599 else default


class UnknownFault(Exception):
    """A prompt names a fault that the table does not have for this contract."""


def faults_in_prompt(prompt: str, contract: str) -> tuple[InjectedFault, ...]:
    """Return the faults that a prompt names, or raise UnknownFault."""
    faults = []
    for name, given in FAULT_WORD.findall(prompt):
        if name not in FAULTS or contract not in FAULTS[name].contracts:
            raise UnknownFault(
                f"There is no fault called {name} here; GET /sandbox/faults/known lists them."
            )
        options = dict(option.split("=", 1) for option in given.split(":")[1:])
        faults.append(InjectedFault(name=name, options=options))
    return tuple(faults)


def without_fault_words(prompt: str) -> str:
    """Return the prompt without the words that name faults."""
    return FAULT_WORD.sub("", prompt).strip()


def faults_by_rate(
    rates: Mapping[str, float], seed: int, reference: str, contract: str
) -> tuple[InjectedFault, ...]:
    """Return the faults drawn for an order; the same seed and reference draw the same ones."""
    return tuple(
        InjectedFault(name=name, by_rate=True)
        for name, rate in rates.items()
        if name in FAULTS
        and contract in FAULTS[name].contracts
        and share_of(seed, reference, name) < rate
    )


def share_of(seed: int, reference: str, name: str) -> float:
    """Return a number in [0, 1) that depends only on the seed, the order and the fault."""
    digest = hashlib.sha256(f"{seed}\0{reference}\0{name}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:7]) / 2**56


def stored_fault(row: Mapping[str, Any]) -> InjectedFault:
    """Return a fault from the JSON of an order; earlier versions wrote its options as `said`."""
    options = row.get("options", row.get("said", {}))
    return InjectedFault(name=row["name"], options=options, by_rate=row["by_rate"])

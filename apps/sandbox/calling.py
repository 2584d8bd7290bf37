"""How an order comes to have a fault: by a word in its prompt, or by a rate."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.sandbox.faults import FAULTS, Fault

WORD = re.compile(r"\[fault:([a-z0-9_]+)((?::[a-z_]+=[!-9;-\\^-~]*)*)\]")
# Up to some thirty years, to the millisecond.
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A fault that an order or a job has, with what was said about it."""

    name: str
    said: Mapping[str, str] = field(default_factory=dict)
    by_rate: bool = False

    @property
    def fault(self) -> Fault:
        """Return its line of the table."""
        return FAULTS[self.name]

    @property
    def times(self) -> int | None:
        """Return how often it bites; None for ever."""
        said = self.said.get("times", "")
        return int(said[:6]) if said.isdecimal() else None if said == "ever" else self.fault.times

    def word(self, name: str) -> str:
        """Return an option, as said or as the table has it."""
        return self.said.get(name, self.fault.options.get(name, ""))

    def number(self, name: str) -> float:
        """Return an option that is a number, within reason."""
        said = self.said.get(name, "")
        words = said if NUMBER.fullmatch(said) else self.fault.options.get(name, "0")
        return float(words)

    def status(self, otherwise: int) -> int:
        """Return the HTTP status that was said, if it is one."""
        status = int(self.number("status"))
        return status if 200 <= status <= 599 else otherwise


class UnknownFault(Exception):
    """A prompt calls a fault that is not in the table, or not of this contract; the message says which."""


def called_in(prompt: str, contract: str) -> tuple[Called, ...]:
    """Return the faults that a prompt calls, or raise UnknownFault."""
    found = []
    for name, options in WORD.findall(prompt):
        if name not in FAULTS or contract not in FAULTS[name].contracts:
            raise UnknownFault(
                f"There is no fault called {name} here; GET /sandbox/faults/known lists them."
            )
        said = dict(option.split("=", 1) for option in options.split(":")[1:])
        found.append(Called(name=name, said=said))
    return tuple(found)


def without_words(prompt: str) -> str:
    """Return what of a prompt is to be drawn."""
    return WORD.sub("", prompt).strip()


def drawn(rates: Mapping[str, float], seed: int, mark: str, contract: str) -> tuple[Called, ...]:
    """Return the faults that fall on a mark; the same for the same seed, whenever it is asked."""
    return tuple(
        Called(name=name, by_rate=True)
        for name, rate in rates.items()
        if name in FAULTS and contract in FAULTS[name].contracts and share(seed, mark, name) < rate
    )


def share(seed: int, mark: str, name: str) -> float:
    """Return where in [0, 1) a mark falls for a fault."""
    digest = hashlib.sha256(f"{seed}\0{mark}\0{name}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:7]) / 2**56

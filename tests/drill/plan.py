"""The orders of a drill: every fault of the sandbox under every contract, and good ones."""

import random
from typing import Any
from uuid import UUID

from apps.sandbox.faults import FAULTS

CONTRACTS = ("wavespeed", "comet")
CLEAN = 0.3  # of the orders have no fault


def orders(count: int, seed: int) -> list[dict[str, Any]]:
    """Return so many orders, the same for the same seed; enough of them have every fault."""
    draw = random.Random(seed)
    pairs = [
        (name, contract) for name, fault in FAULTS.items() for contract in sorted(fault.contracts)
    ]
    draw.shuffle(pairs)
    faulty = round(count * (1 - CLEAN))
    chosen = [pairs[number % len(pairs)] for number in range(faulty)]
    chosen += [("", draw.choice(CONTRACTS)) for _ in range(count - faulty)]
    draw.shuffle(chosen)
    return [_order(draw, number, *pair) for number, pair in enumerate(chosen)]


def _order(draw: random.Random, number: int, fault: str, contract: str) -> dict[str, Any]:
    word = f" [fault:{fault}]" if fault else ""
    in_parts = contract == "comet" and not fault and draw.random() < 0.15
    return {
        "idempotency_key": str(UUID(int=draw.getrandbits(128))),
        "kind": contract,
        "fault": fault,
        "image": draw.randrange(1000),
        "text": f"Slow dolly in, take {number}{word}",
        "further": ["and on it goes", "and on"] if in_parts else [],
        "twice": draw.random() < 0.1,
        "urgent": draw.random() < 0.1,
        "cancel": draw.random() < 0.03,
    }

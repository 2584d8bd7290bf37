"""What a sandbox is started with."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from apps.vendors.types import Value

# Draws one clip of a job: the image's bytes, what is wished for (prompt, resolution, seed, …), the
# file to write, and the number of the take, counted from 0 -> one NSFW flag.
Draw = Callable[[bytes, Mapping[str, Value], Path, int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """One sandbox: where it keeps things, who may order, and who draws."""

    data: Path
    key: str = field(repr=False)
    draw: Draw
    workers: int = 1
    # Lets people watch a job wait and run even where drawing is quick.
    min_seconds: float = 0.0
    # How long a job waits for an image whose server doesn't answer, in seconds.
    patience: float = 30.0
    # What the account may spend in USD, and how many orders it may place in a minute; None for no
    # limit.
    balance: Decimal | None = None
    per_minute: int | None = None
    # Comet documents no cancel; some gateways of its protocol have one (contracts 3.6).
    allow_cancel: bool = False
    # Seconds before the first repetition of a call to a customer; each one waits twice as long.
    call_pause: float = 1.0
    webhook_secret: str = field(default="", repr=False)

    @property
    def secret(self) -> str:
        """Return what calls are signed with; always the same for the same key."""
        drawn = hmac.new(self.key.encode(), b"webhook secret", hashlib.sha256).hexdigest()
        return self.webhook_secret or f"whsec_{drawn}"

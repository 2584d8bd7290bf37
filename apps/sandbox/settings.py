"""The settings of one sandbox."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from apps.vendors.offer import Value

# Draws one clip of a job from the image's bytes, the parameters (prompt, resolution, seed and so
# on), the file to write, and the clip's number from 0. Returns whether the clip shows nudity.
Draw = Callable[[bytes, Mapping[str, Value], Path, int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """One sandbox: its data folder, its key, its drawing function and its limits."""

    data: Path
    key: str = field(repr=False)
    draw: Draw
    workers: int = 1
    # Keeps a job running for a while even where drawing is quick, so that people can watch it.
    min_seconds: float = 0.0
    # Seconds for which a job retries to fetch its image.
    patience: float = 30.0
    # Credit in USD and orders per minute; None for no limit.
    balance: Decimal | None = None
    per_minute: int | None = None
    # CometAPI documents no cancel; some gateways have one (docs/vendor-contracts.md, section 3.6).
    allow_cancel: bool = False
    # Seconds before the first repetition of a webhook; each further pause is twice as long.
    webhook_retry_seconds: float = 1.0
    webhook_secret: str = field(default="", repr=False)

    @property
    def secret(self) -> str:
        """Return the webhook secret; without a setting it is derived from the key."""
        drawn = hmac.new(self.key.encode(), b"webhook secret", hashlib.sha256).hexdigest()
        return self.webhook_secret or f"whsec_{drawn}"

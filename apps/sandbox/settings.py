"""What a sandbox is started with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from apps.vendors.types import Value

# Draws the clip of a job: the image's bytes, the request's input, the file to write -> one NSFW flag.
Draw = Callable[[bytes, dict[str, Value], Path], bool]


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

"""Weather in front of the lens: rain, snow, dust, embers and fireflies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from apps.animator.arrays import Bytes, Numbers
from apps.animator.prompt_parser import Element
from apps.animator.rain import rain_of


class WeatherEffect(Protocol):
    """An effect that is drawn on the planes of a rendered frame."""

    def draw(self, luma: Bytes, chroma: Bytes, seconds: float) -> None:
        """Draw it at a time, in place."""


def weather_of(
    elements: tuple[Element, ...], size: tuple[int, int], strength: float, seed: int
) -> list[WeatherEffect]:
    """Return the effects of these elements, far ones first."""
    rng = np.random.default_rng(seed + 5)
    lively = min(max(strength, 0.6), 3.0) ** 0.5
    makers: dict[Element, Callable[[], list[WeatherEffect]]] = {
        Element.RAIN: lambda: [rain_of(size, lively, rng)],
        Element.SNOW: lambda: _motes(SNOW, size, lively, rng),
        Element.DUST: lambda: _motes(DUST, size, lively, rng),
        Element.EMBERS: lambda: _motes(EMBERS, size, lively, rng),
        Element.FIREFLIES: lambda: _motes(FIREFLIES, size, lively, rng),
    }
    return [thing for element, make in makers.items() if element in elements for thing in make()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Look and motion of one kind of mote; lengths and speeds are in units of the frame's size."""

    groups: tuple[tuple[int, float, float], ...]  # count, radius, opacity: far ones first
    fall: float  # downwards per second for the nearest; negative rises
    drift: float
    sway: float
    light: int
    tint: tuple[int, int] | None = None
    twinkle: float = 0.0


SNOW = Kind(
    groups=((240, 0.0020, 0.5), (120, 0.0034, 0.7), (44, 0.0058, 0.68), (10, 0.0135, 0.36)),
    fall=0.3, drift=0.05, sway=0.016, light=236,
)  # fmt: skip
DUST = Kind(
    groups=((90, 0.0015, 0.35), (38, 0.0028, 0.38), (11, 0.0090, 0.16)),
    fall=-0.035, drift=0.03, sway=0.022, light=232, tint=(118, 136), twinkle=0.6,
)  # fmt: skip
EMBERS = Kind(
    groups=((70, 0.0014, 0.8), (32, 0.0024, 0.95), (7, 0.0060, 0.4)),
    fall=-0.24, drift=0.05, sway=0.03, light=205, tint=(66, 182), twinkle=0.5,
)  # fmt: skip
FIREFLIES = Kind(
    groups=((20, 0.0036, 0.75), (9, 0.0080, 0.5)),
    fall=-0.012, drift=0.012, sway=0.05, light=222, tint=(70, 134), twinkle=1.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motes:
    """Soft dots of one size, each with its own path, drawn as small patches."""

    kind: Kind
    size: tuple[int, int]
    radius: float
    opacity: float
    start: Numbers
    velocity: Numbers
    sway: float
    phase: Numbers

    def draw(self, luma: Bytes, chroma: Bytes, seconds: float) -> None:
        """Blend every dot into the planes."""
        place = self._places(seconds)
        dim = self.opacity * (
            1 - self.kind.twinkle * (0.5 + 0.5 * np.sin(2.1 * seconds + self.phase * 3))
        )
        _dots(luma[..., None], place, self.radius, dim, (self.kind.light,))
        if self.kind.tint:
            _dots(chroma, place / 2, max(self.radius / 2, 0.8), dim, self.kind.tint)

    def _places(self, seconds: float) -> Numbers:
        swing = np.sin(1.4 * seconds + self.phase) - np.sin(self.phase)
        gone = self.velocity * np.float32(seconds)
        gone[:, 0] += self.sway * swing
        gone[:, 1] += 0.3 * self.sway * np.cos(1.9 * seconds + self.phase)
        room = np.array(self.size, np.float32) + 6 * self.radius
        return np.mod(self.start + gone, room) - 3 * self.radius


def _motes(
    kind: Kind, size: tuple[int, int], lively: float, rng: np.random.Generator
) -> list[WeatherEffect]:
    unit = float((size[0] * size[1]) ** 0.5)
    side = float(rng.choice((-1, 1)))
    things: list[WeatherEffect] = []
    for place, (few, radius, opacity) in enumerate(kind.groups):
        many = round(few * lively)
        near = 0.4 + 0.6 * place / (len(kind.groups) - 1)
        speed = np.array([kind.drift * side, kind.fall]) * unit * near * lively
        things.append(
            Motes(
                kind=kind,
                size=size,
                radius=max(radius * unit, 0.8),
                opacity=opacity,
                start=(rng.uniform(0, 1, (many, 2)) * (size[0] + 9, size[1] + 9)).astype(
                    np.float32
                ),
                velocity=(speed * rng.uniform(0.7, 1.3, (many, 1))).astype(np.float32),
                sway=kind.sway * unit * near,
                phase=rng.uniform(0, 2 * np.pi, many).astype(np.float32),
            )
        )
    return things


def _dots(
    plane: Bytes, place: Numbers, radius: float, dim: Numbers, colour: tuple[int, ...]
) -> None:
    """Blend soft dots of one radius towards a colour; where two overlap, the denser one shows."""
    height, width, channels = plane.shape
    reach = int(np.ceil(radius * 2.2))
    side = np.arange(-reach, reach + 1)
    columns, rows = (np.floor(place[:, axis, None]) + side for axis in (0, 1))
    across = np.exp(-(((columns + 0.5 - place[:, :1]) / radius) ** 2))
    down = np.exp(-(((rows + 0.5 - place[:, 1:]) / radius) ** 2))
    # Outside the frame a dot has no density, and its index is clipped to the nearest pixel.
    across *= ((columns >= 0) & (columns < width)) * dim[:, None]
    down *= (rows >= 0) & (rows < height)
    dense = (down[:, :, None] * across[:, None, :]).ravel()
    index = rows.clip(0, height - 1)[:, :, None] * width + columns.clip(0, width - 1)[:, None, :]
    index = index.astype(np.intp).ravel() * channels
    flat = plane.reshape(-1)
    for channel, value in enumerate(colour):
        under = flat[index + channel].astype(np.float32)
        blended = (under + (value - under) * dense + 0.5).astype(np.uint8)
        denser = np.maximum if value > 128 else np.minimum
        denser.at(flat, index + channel, blended)

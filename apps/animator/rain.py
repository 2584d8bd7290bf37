"""Rain: sheets of soft slanted streaks sliding past the lens at the speeds of three distances."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Bytes

# How many on a sheet, then length, width (pixels at 480p), brightness and speed: far, middle, near.
KINDS = ((560, 0.045, 0.5, 46, 1.3), (200, 0.085, 0.7, 74, 1.9), (44, 0.16, 1.05, 104, 2.7))
# Rain is lit by the sky and no brighter: before a bright one it hardly shows.
LIGHT = 218


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """Streaks on a plane longer than the frame, so that none returns to its place soon."""

    streaks: Bytes
    speed: float  # pixels a second
    slant: float

    def seen(self, size: tuple[int, int], seconds: float) -> Bytes:
        """Return what has slid behind the window by now."""
        fallen = self.speed * seconds
        rows, columns = self.streaks.shape
        top = -round(fallen) % (rows - size[1])
        left = -round(fallen * self.slant) % (columns - size[0])
        return self.streaks[top : top + size[1], left : left + size[0]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rain:
    """All sheets together."""

    sheets: Sequence[Sheet]
    size: tuple[int, int]
    light: Bytes

    def lay(self, luma: Bytes, chroma: Bytes, seconds: float) -> None:
        """Lift the light towards the rain's; water has no colour of its own."""
        del chroma
        wet = self.sheets[0].seen(self.size, seconds)
        for sheet in self.sheets[1:]:
            wet = cv2.add(wet, sheet.seen(self.size, seconds))
        cv2.add(luma, cv2.multiply(cv2.subtract(self.light, luma), wet, scale=1 / 255), dst=luma)


def rain_of(size: tuple[int, int], lively: float, dice: np.random.Generator) -> Rain:
    """Make a far, a middle and a near sheet: the nearer, the longer, faster, brighter and fewer."""
    unit = float((size[0] * size[1]) ** 0.5)
    slant = float(dice.uniform(0.08, 0.2)) * float(dice.choice((-1, 1)))
    sheets = [
        Sheet(
            streaks=_drawn(
                size, round(many * lively), (long * unit, wide * unit / 620, bright), slant, dice
            ),
            speed=speed * unit * 0.8,
            slant=slant,
        )
        for many, long, wide, bright, speed in KINDS
    ]
    return Rain(sheets=sheets, size=size, light=np.full(size[::-1], LIGHT, np.uint8))


def _drawn(
    size: tuple[int, int],
    many: int,
    look: tuple[float, float, float],
    slant: float,
    dice: np.random.Generator,
) -> Bytes:
    """Draw streaks with soft ends, all at once, on a sheet whose edges meet; repeat it to slide a window."""
    long, wide, bright = look
    width, height = size[0], size[1] * 2
    along = np.arange(max(8, round(long)))
    power = bright * dice.uniform(0.4, 1, (2 * many, 1)) * np.sin(np.pi * along / len(along)) ** 1.3
    x = dice.uniform(0, width, (2 * many, 1)) + along * slant
    rows = np.broadcast_to(dice.integers(0, height, (2 * many, 1)) + along, x.shape) % height
    sheet = np.zeros((height, width), np.float32)
    for side in (-2, -1, 0, 1, 2):
        columns = np.floor(x) + side
        lit = power * np.exp(-(((columns + 0.5 - x) / wide) ** 2))
        np.add.at(sheet, (rows, columns.astype(int) % width), lit.astype(np.float32))
    solid = np.clip(sheet, 0, 140).astype(np.uint8)
    tall = np.concatenate([solid, solid[: size[1]]])
    return np.ascontiguousarray(np.concatenate([tall, tall], axis=1))

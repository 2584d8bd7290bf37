"""Rain: sheets of slanted streaks that fall at three speeds for three distances."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Bytes

# Count, length, width (pixels at 480p), brightness and speed of streaks: far, middle, near.
KINDS = ((560, 0.045, 0.5, 46, 1.3), (200, 0.085, 0.7, 74, 1.9), (44, 0.16, 1.05, 104, 2.7))
# Rain is no brighter than the sky, and hardly visible before a bright one.
LIGHT = 218


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """Streaks on a plane larger than the frame, so that repetition is not visible."""

    streaks: Bytes
    speed: float  # pixels per second
    slant: float

    def visible_at(self, size: tuple[int, int], seconds: float) -> Bytes:
        """Return the part of the sheet in the frame at this time."""
        fallen = self.speed * seconds
        rows, columns = self.streaks.shape
        top = -round(fallen) % (rows - size[1])
        left = -round(fallen * self.slant) % (columns - size[0])
        return self.streaks[top : top + size[1], left : left + size[0]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rain:
    """All sheets of the rain."""

    sheets: Sequence[Sheet]
    size: tuple[int, int]
    light: Bytes

    def draw(self, luma: Bytes, chroma: Bytes, seconds: float) -> None:
        """Brighten the luma towards the rain's; rain has no colour."""
        del chroma
        wet = self.sheets[0].visible_at(self.size, seconds)
        for sheet in self.sheets[1:]:
            wet = cv2.add(wet, sheet.visible_at(self.size, seconds))
        cv2.add(luma, cv2.multiply(cv2.subtract(self.light, luma), wet, scale=1 / 255), dst=luma)


def rain_of(size: tuple[int, int], lively: float, rng: np.random.Generator) -> Rain:
    """Return a far, a middle and a near sheet; near streaks are longer, faster and brighter."""
    unit = float((size[0] * size[1]) ** 0.5)
    slant = float(rng.uniform(0.08, 0.2)) * float(rng.choice((-1, 1)))
    sheets = [
        Sheet(
            streaks=_draw_streaks(
                size, round(many * lively), (long * unit, wide * unit / 620, bright), slant, rng
            ),
            speed=speed * unit * 0.8,
            slant=slant,
        )
        for many, long, wide, bright, speed in KINDS
    ]
    return Rain(sheets=sheets, size=size, light=np.full(size[::-1], LIGHT, np.uint8))


def _draw_streaks(
    size: tuple[int, int],
    many: int,
    look: tuple[float, float, float],
    slant: float,
    rng: np.random.Generator,
) -> Bytes:
    """Draw streaks with soft ends on a sheet that repeats in both directions."""
    long, wide, bright = look
    width = size[0]
    height = size[1] * 2
    along = np.arange(max(8, round(long)))
    power = bright * rng.uniform(0.4, 1, (2 * many, 1)) * np.sin(np.pi * along / len(along)) ** 1.3
    x = rng.uniform(0, width, (2 * many, 1)) + along * slant
    rows = np.broadcast_to(rng.integers(0, height, (2 * many, 1)) + along, x.shape) % height
    sheet = np.zeros((height, width), np.float32)
    for side in (-2, -1, 0, 1, 2):
        columns = np.floor(x) + side
        lit = power * np.exp(-(((columns + 0.5 - x) / wide) ** 2))
        np.add.at(sheet, (rows, columns.astype(int) % width), lit.astype(np.float32))
    solid = np.clip(sheet, 0, 140).astype(np.uint8)
    tall = np.concatenate([solid, solid[: size[1]]])
    return np.ascontiguousarray(np.concatenate([tall, tall], axis=1))

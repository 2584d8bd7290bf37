"""The paintbox: colours, noise, light and grain on a float canvas of (height, width, 3) between 0 and 1."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np

Canvas: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Line: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Colour: TypeAlias = str | tuple[float, float, float]
Points: TypeAlias = Sequence[tuple[float, float]]
Placing: TypeAlias = Callable[[Points], Points]
Dice: TypeAlias = np.random.Generator

_SUBPIXEL = 4


def rgb(colour: Colour) -> Canvas:
    """Turn `#rrggbb`, or three floats, into an array."""
    if isinstance(colour, str):
        return floats([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return floats(colour)


def floats(values: Any) -> Mask:
    """Store numbers as the canvas does, half as large as numpy would."""
    return np.asarray(values, np.float32)


def sky(height: int, width: int, stops: Sequence[tuple[float, str]]) -> Canvas:
    """Pour a vertical gradient; stops are (share of the height, colour)."""
    at = np.linspace(0, 1, height, dtype=np.float32)
    places = [place for place, _ in stops]
    # Mixed as light, not as numbers, so that the middle of two colours does not turn muddy.
    colours = np.array([rgb(colour) ** 2.2 for _, colour in stops])
    # And stirred a little, or every stop would be seen as a band.
    knots = np.stack([np.interp(at, places, colours[:, channel]) for channel in range(3)], axis=1)
    column = cv2.GaussianBlur(
        knots, (1, 0), 0.1, sigmaY=height * 0.03, borderType=cv2.BORDER_REPLICATE
    )
    return np.repeat((column[:, None] ** (1 / 2.2)).astype(np.float32), width, axis=1)


def noise(shape: tuple[int, int], cells: tuple[int, int], dice: Dice, *, octaves: int = 5) -> Mask:
    """Draw cloud-like noise between 0 and 1; `cells` are the largest lumps down and across."""
    height, width = shape
    total, weight, share = np.zeros(shape, np.float32), 0.0, 1.0
    for octave in range(octaves):
        rows, columns = (max(2, count << octave) for count in cells)
        grid = dice.random((rows + 3, columns + 3), dtype=np.float32)
        total += share * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        weight, share = weight + share, share * 0.5
    low, high = np.percentile(total[::8, ::8], (1, 99))
    return floats(np.clip((total - low) / (high - low), 0, 1))


def ridge(width: int, dice: Dice, *, lumps: int, octaves: int = 6, rough: float = 0.5) -> Line:
    """Draw a mountain's line: heights between 0 and 1, one per column."""
    total, share = np.zeros(width), 1.0
    for octave in range(octaves):
        knots = dice.random((lumps << octave) + 3)
        at = np.linspace(1, len(knots) - 2, width)
        low = at.astype(int)
        ease = (at - low) ** 2 * (3 - 2 * (at - low))
        total += share * (knots[low] * (1 - ease) + knots[low + 1] * ease)
        share *= rough
    return floats((total - total.min()) / (total.max() - total.min()))


def grid(shape: tuple[int, int]) -> tuple[Mask, Mask]:
    """Give every pixel's row and column, ready to broadcast."""
    height, width = shape
    return np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]


def below(shape: tuple[int, int], line: Line, *, soft: float = 1.0) -> Mask:
    """Mask what lies under a line that has one height per column."""
    rows, _ = grid(shape)
    return floats(np.clip((rows - line[None]) / soft + 0.5, 0, 1))


def polygon(shape: tuple[int, int], *outlines: Points) -> Mask:
    """Mask the inside of outlines, with smooth edges."""
    mask = np.zeros(shape, np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [_fixed(outline)], 255, cv2.LINE_AA, _SUBPIXEL)
    return floats(mask) / np.float32(255)


def strokes(shape: tuple[int, int], lines: Sequence[Points], *, thick: float = 1.0) -> Mask:
    """Mask some open lines of one thickness; what is thinner than a pixel is drawn paler."""
    mask = np.zeros(shape, np.uint8)
    for line in lines:
        cv2.polylines(
            mask, [_fixed(line)], False, 255, max(1, round(thick)), cv2.LINE_AA, _SUBPIXEL
        )
    return floats(mask) * np.float32(min(1.0, thick) / 255)


def _fixed(outline: Points) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.round(np.array(outline) * (1 << _SUBPIXEL)).astype(np.int32)


def curve(points: Points, *, steps: int = 8, closed: bool = False) -> Points:
    """Draw a soft line through points (Catmull and Rom's), for whatever was not made with a ruler."""
    knots = np.array(points, float)
    around = (
        np.vstack([knots[-1:], knots, knots[:2]])
        if closed
        else np.vstack([knots[:1], knots, knots[-1:]])
    )
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
        for a, b, c, d in zip(around, around[1:], around[2:], around[3:], strict=False)
    ]
    line = np.vstack(parts if closed else [*parts, knots[-1:]])
    return [(float(x), float(y)) for x, y in line]


def placing(at: tuple[float, float], size: float) -> Placing:
    """Say where points of a small drawing come to lie; in the drawing, up is up."""

    def place(points: Points) -> Points:
        return [(at[0] + x * size, at[1] - y * size) for x, y in points]

    return place


def round_(place: Placing, x: float, y: float, radius: float) -> Points:
    """Outline a circle of a small drawing."""
    return place(
        [(x + radius * np.cos(t), y + radius * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 24)]
    )


def disc(shape: tuple[int, int], x: float, y: float, radius: float, *, soft: float = 1.5) -> Mask:
    """Mask a round shape."""
    rows, columns = grid(shape)
    return floats(np.clip((radius - np.hypot(rows - y, columns - x)) / soft + 0.5, 0, 1))


def paint(canvas: Canvas, mask: Mask, colour: Colour | Canvas, opacity: float = 1.0) -> None:
    """Lay a colour, or another picture, over the canvas where the mask is."""
    there = _where(mask)
    part = canvas[there]
    layer = rgb(colour) if isinstance(colour, (str, tuple)) else colour[there]
    part += (layer - part) * (mask[there] * np.float32(opacity))[..., None]


def _where(mask: Mask) -> tuple[slice, slice]:
    """Find the part of a mask that has anything in it: most shapes are small, most of a canvas is not."""
    left, top, width, height = cv2.boundingRect((mask > 0).view(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def light(canvas: Canvas, mask: Mask, colour: Colour, strength: float = 1.0) -> None:
    """Add light where the mask is, as a screen does: it brightens and never burns out hard."""
    there = _where(mask)
    part = canvas[there]
    part += np.clip(mask[there] * np.float32(strength), 0, 1)[..., None] * rgb(colour) * (1 - part)


def shade(canvas: Canvas, mask: Mask, colour: Colour, strength: float = 1.0) -> None:
    """Multiply the canvas by a colour where the mask is."""
    there = _where(mask)
    canvas[there] *= 1 - (1 - rgb(colour)) * (mask[there] * np.float32(strength))[..., None]


def glow(
    canvas: Canvas, at: tuple[float, float], radius: float, colour: Colour, strength: float = 1.0
) -> None:
    """Let a lamp, or a sun, shine into the air around it."""
    part, (x, y) = around(canvas, at, radius * 4)
    if part.size:
        rows, columns = grid(part.shape[:2])
        far = np.hypot(rows - y, columns - x) / radius
        light(part, np.exp(-far * 1.6) * np.clip(1 - far / 4, 0, 1), colour, strength)


def around(
    canvas: Canvas, at: tuple[float, float], reach: float
) -> tuple[Canvas, tuple[float, float]]:
    """Cut out a place's surroundings to paint in them, and say where the place is within."""
    left, top = (max(0, int(place - reach)) for place in at)
    right, bottom = (max(0, int(place + reach) + 1) for place in at)
    return canvas[top:bottom, left:right], (at[0] - left, at[1] - top)


def blur(mask: Mask, across: float, down: float | None = None) -> Mask:
    """Soften a mask or a canvas; large blurs are made small first, which nobody can see."""
    down = across if down is None else down
    factor = max(1, int(min(across, down) / 3))
    height, width = mask.shape[:2]
    small = cv2.resize(
        mask, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA
    )
    soft = cv2.GaussianBlur(
        small, (0, 0), max(across / factor, 0.1), sigmaY=max(down / factor, 0.1)
    )
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def bloom(
    canvas: Canvas, *, above: float = 0.72, radius: float = 18, strength: float = 0.5
) -> None:
    """Let the brightest places spill over, as in a lens."""
    bright = np.clip((canvas - above) / (1 - above), 0, 1)
    canvas += blur(bright, radius) * np.float32(strength) * (1 - canvas)


def finish(
    canvas: Canvas, dice: Dice, *, grain: float = 0.013, vignette: float = 0.25
) -> np.ndarray[Any, Any]:
    """Darken the corners a little, add the grain of paper or film, and turn floats into bytes."""
    height, width = canvas.shape[:2]
    rows, columns = grid((height, width))
    far = np.hypot((rows / height - 0.5) * 1.1, columns / width - 0.5)
    canvas *= (1 - vignette * np.clip(far * 1.5 - 0.35, 0, 1) ** 1.5)[..., None]
    fine = dice.standard_normal((height, width), dtype=np.float32)
    fine = 0.6 * fine + 0.8 * cv2.GaussianBlur(fine, (0, 0), 1.0) * 2
    # Grain lives in the middle tones; it would dirty white and be lost in black.
    middle = 1 - np.abs(canvas.mean(axis=2) * 2 - 1) ** 2
    canvas += (fine * np.float32(grain) * (0.35 + 0.65 * middle))[..., None]
    return (np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8)

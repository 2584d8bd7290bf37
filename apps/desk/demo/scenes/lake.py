"""A mountain lake at dawn: ridge behind ridge, mist between them, one small boat."""

from typing import NamedTuple

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice, Line, Mask
from apps.desk.demo.scenes.foliage import pine
from apps.desk.demo.scenes.water import Shine, glitter, mirror, ripples

SKY = [(0.0, "#4f86b4"), (0.28, "#93b9cf"), (0.5, "#ecd3cb"), (0.7, "#ffc9a4"), (1.0, "#ffb98a")]
SUN = (0.33, 0.52)


class Ridge(NamedTuple):
    """A wooded ridge: where its foot lies, how high it goes, how many lumps, its colour, the mist on it."""

    foot: float
    tall: float
    lumps: int
    colour: str
    mist: str


# Back to front; pines can be told apart from the second on.
RIDGES = (
    Ridge(0.90, 0.34, 4, "#8094b4", "#ecc9b6"),
    Ridge(0.95, 0.27, 3, "#54749a", "#d9c4ba"),
    Ridge(1.00, 0.20, 4, "#2f5470", "#b9bcb9"),
)

# The far massif, from its outermost summit inwards: where a summit stands, how high, and how wide
# its foot.
SUMMITS = (
    (0.43, 0.20, 0.15),
    (0.93, 0.26, 0.17),
    (0.52, 0.30, 0.15),
    (0.83, 0.36, 0.17),
    (0.74, 0.44, 0.16),
    (0.605, 0.40, 0.14),
    (0.67, 0.52, 0.19),
)


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Paint the lake."""
    height, width = shape
    horizon = round(height * 0.6)
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:horizon] = brush.sky(horizon, width, SKY)
    above = canvas[:horizon]
    _clouds(above, dice)
    sun = (SUN[0] * width, SUN[1] * horizon)
    brush.glow(above, sun, width * 0.2, "#fff0c8", 0.9)
    brush.glow(above, sun, width * 0.045, "#fffbe8", 1.0)
    brush.paint(above, brush.disc((horizon, width), *sun, width * 0.017), "#fffdf2")
    for summit in SUMMITS:
        _summit(above, dice, *summit)
    _mist_band(above, dice, 0.84, strength=0.75)
    for number, ridge in enumerate(RIDGES):
        _ridge(above, dice, number, ridge)
    _shore_pines(above, dice)
    waves = ripples((height - horizon, width), dice, size=1.3)
    mirror(canvas, waves, sway=height * 0.02, tint="#2c5570", depth=0.5)
    glitter(canvas, waves, Shine(sun[0], width * 0.05, "#ffe6bd", 0.8))
    _mist(canvas, horizon, dice)
    _boat(canvas)
    _near_pines(canvas, dice)
    brush.bloom(canvas, above=0.8, radius=width * 0.02, strength=0.35)
    return canvas


def _clouds(sky: Canvas, dice: Dice) -> None:
    shape = sky.shape[:2]
    rows, _ = brush.grid(shape)
    veil = np.clip(brush.noise(shape, (7, 2), dice, octaves=6) * 1.7 - 0.8, 0, 1)
    brush.light(sky, veil * np.clip(1 - rows / shape[0] * 1.2, 0, 1), "#fff1dd", 0.55)


def _summit(sky: Canvas, dice: Dice, at: float, tall: float, wide: float) -> None:
    """Raise a peak of the massif: one flank in the sun, one in the shade, snow on both."""
    height, whole = sky.shape[:2]
    left, right = round((at - wide) * whole), min(whole, round((at + wide) * whole))
    part = sky[round(height * (0.86 - tall)) :, left:right]
    rows, across = brush.grid(part.shape[:2])
    depth = rows / part.shape[0]
    aside = (across + left) / whole - at
    tent = np.clip(1 - np.abs(aside[0]) / wide, 0, 1) ** 1.12
    rough = brush.ridge(right - left, dice, lumps=6, octaves=6, rough=0.6) - 0.5
    line = part.shape[0] * (1.02 - 0.95 * (tent + 0.15 * rough * np.sqrt(tent)))
    fall = brush.ridge(part.shape[0], dice, lumps=5, octaves=5, rough=0.62)[:, None] - 0.5
    sunny = np.clip((wide * depth * (0.16 + 0.85 * fall) - aside) / 0.0025 + 0.5, 0, 1)
    strata = brush.noise(part.shape[:2], (3, 9), dice, octaves=5)
    snow = np.clip((0.72 - 0.62 * strata - depth) / 0.05 + 0.5, 0, 1)
    stone, white = _blend(sunny, "#8894b2", "#b4a6b0"), _blend(sunny, "#a9b8d4", "#fff0e0")
    body = stone + (white - stone) * snow[..., None]
    body += (brush.rgb("#f2d3bd") - body) * np.clip(depth * 1.05 - 0.12, 0, 1)[..., None]
    brush.paint(part, brush.below(part.shape[:2], line), body.astype(np.float32))


def _blend(share: Mask, dark: str, bright: str) -> Canvas:
    return brush.rgb(dark) + (brush.rgb(bright) - brush.rgb(dark)) * share[..., None]


def _ridge(sky: Canvas, dice: Dice, number: int, ridge: Ridge) -> None:
    height, width = shape = sky.shape[:2]
    at = np.linspace(0, 1, width)
    # Ridges fall towards the middle and open a valley.
    valley = np.clip(np.abs(at - 0.42 - 0.05 * number) * 1.5, 0, 1.1)
    rough = brush.ridge(width, dice, lumps=ridge.lumps, octaves=7, rough=0.46)
    line = (
        height * (ridge.foot - ridge.tall * (valley * 0.7 + 0.42 * rough * (0.35 + valley)))
    ).astype(np.float32)
    mask = brush.below(shape, line)
    if number:
        mask = np.maximum(mask, _pine_line(shape, line, dice, size=0.55 * number))
    rows, _ = brush.grid(shape)
    depth = np.clip((rows - line[None]) / (height * (ridge.tall + 0.1)), 0, 1)
    brush.paint(sky, mask, _blend(depth, ridge.colour, ridge.mist).astype(np.float32))
    _mist_band(sky, dice, ridge.foot, strength=0.5 - 0.06 * number)


def _mist_band(sky: Canvas, dice: Dice, foot: float, *, strength: float) -> None:
    height, width = sky.shape[:2]
    rows, columns = brush.grid((height, width))
    wisps = brush.noise((height, width), (8, 2), dice, octaves=5)
    band = np.exp(-(((rows / height - foot + 0.02) / 0.075) ** 2)) * (0.25 + 0.95 * wisps)
    warm = np.exp(-(((columns / width - SUN[0]) / 0.35) ** 2))
    brush.light(sky, band, "#e4e6e6", strength)
    brush.light(sky, band * warm, "#ffe2b8", strength)


def _pine_line(shape: tuple[int, int], line: Line, dice: Dice, *, size: float) -> Mask:
    height, width = shape
    trees = []
    for x in np.arange(0, width, width / 210 * size):
        x_ = min(width - 1.0, max(0.0, x + dice.normal(0, width / 500)))
        trees.append(
            pine(
                x_,
                float(line[int(x_)]) + height * 0.012,
                size * height * dice.uniform(0.025, 0.055),
                dice,
            )
        )
    return brush.polygon(shape, *trees)


def _shore_pines(sky: Canvas, dice: Dice) -> None:
    height, width = shape = sky.shape[:2]
    trees = []
    for _ in range(150):
        side = dice.random() < 0.42
        x = dice.beta(1, 2.6) * 0.3 if side else 1 - dice.beta(1, 2.2) * 0.36
        edge = 1 - min(x / 0.3, 1) if side else 1 - min((1 - x) / 0.36, 1)
        trees.append(
            pine(
                x * width,
                height * 1.0,
                height * (0.05 + 0.15 * edge * dice.uniform(0.6, 1.1)),
                dice,
            )
        )
    bank = [(0, height), (0, height * 0.97), (width * 0.3, height * 0.992), (width * 0.34, height)]
    other = [
        (width, height),
        (width, height * 0.965),
        (width * 0.66, height * 0.99),
        (width * 0.6, height),
    ]
    brush.paint(
        sky,
        brush.polygon(shape, *trees, bank, other),
        brush.sky(height, width, [(0, "#1d4156"), (0.85, "#1b3d50"), (1, "#3d5e6b")]),
    )


def _mist(canvas: Canvas, horizon: int, dice: Dice) -> None:
    shape = height, width = canvas.shape[:2]
    rows, columns = brush.grid(shape)
    wisps = brush.noise(shape, (14, 2), dice, octaves=6)
    band = np.exp(-(((rows - horizon * 1.0) / (height * 0.045)) ** 2)) * np.clip(
        wisps * 1.5 - 0.25, 0, 1
    )
    low = np.exp(-(((rows - horizon * 1.13) / (height * 0.04)) ** 2)) * np.clip(
        wisps[:, ::-1] * 1.8 - 0.7, 0, 1
    )
    warm = 0.35 + 0.65 * np.exp(-(((columns / width - SUN[0]) / 0.4) ** 2))
    brush.light(canvas, (band + 0.6 * low) * warm, "#ffe9cd", 0.75)


def _boat(canvas: Canvas) -> None:
    height, width = shape = canvas.shape[:2]
    x, y, unit = width * 0.46, height * 0.735, width * 0.03

    def place(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + px * unit, y + py * unit) for px, py in points]

    hull = brush.curve(
        place((-1, -0.13), (-0.5, 0.0), (0.5, 0.0), (1.05, -0.17), (0.75, 0.14), (-0.7, 0.14)),
        closed=True,
    )
    body = brush.curve(
        place((-0.2, -0.02), (-0.22, -0.36), (-0.06, -0.55), (0.12, -0.4), (0.16, -0.02)),
        closed=True,
    )
    head = [
        (x + unit * (0.11 * np.cos(t) - 0.01), y - unit * (0.66 - 0.13 * np.sin(t)))
        for t in np.linspace(0, 6.3, 20)
    ]
    rod = [place((0.1, -0.32), (1.5, -0.95))]
    solid = brush.polygon(shape, hull, body, head)
    thread = brush.strokes(shape, [place((1.5, -0.95), (1.56, 0.12))], thick=width / 3200)
    stick = brush.strokes(shape, rod, thick=width / 1500)
    outline = np.maximum.reduce([solid, thread, stick])
    turn = round(y + unit * 0.14)
    tall = min(turn, height - turn)
    below = (
        outline[turn - tall : turn][::-1] * np.linspace(0.7, 0.25, tall, dtype=np.float32)[:, None]
    )
    brush.paint(canvas[turn : turn + tall], brush.blur(below, width / 1600, width / 800), "#16303f")
    brush.paint(canvas, outline, "#152c3b")
    rings = [
        [
            (x + unit * (r * np.cos(t) + 0.1), turn + unit * r * 0.085 * np.sin(t))
            for t in np.linspace(0, 6.3, 60)
        ]
        for r in (1.5, 2.2)
    ]
    brush.light(
        canvas, brush.blur(brush.strokes(shape, rings, thick=width / 1600), 0.8), "#ffe6c4", 0.4
    )


def _near_pines(canvas: Canvas, dice: Dice) -> None:
    height, width = shape = canvas.shape[:2]
    spots = (
        (-0.012, 1.03, 0.8),
        (0.035, 1.05, 0.62),
        (0.085, 1.06, 0.4),
        (0.965, 1.05, 0.7),
        (1.01, 1.03, 0.86),
        (0.92, 1.07, 0.42),
    )
    trees = [pine(x * width, foot * height, tall * height, dice) for x, foot, tall in spots]
    brush.paint(
        canvas,
        brush.polygon(shape, *trees),
        brush.sky(height, width, [(0, "#17384a"), (0.6, "#102836"), (1, "#0a1a25")]),
    )
    reeds = []
    for _ in range(130):
        x = width * (dice.beta(1, 5) * 0.42 if dice.random() < 0.5 else 1 - dice.beta(1, 5) * 0.42)
        tall, lean = height * dice.uniform(0.03, 0.11), width * dice.normal(0, 0.006)
        reeds.append(
            brush.curve(
                [
                    (x, height * 1.01),
                    (x + lean * 0.3, height - tall * 0.6),
                    (x + lean, height - tall),
                ],
                steps=4,
            )
        )
    brush.paint(canvas, brush.strokes(shape, reeds, thick=width / 1100), "#0c202c", 0.9)

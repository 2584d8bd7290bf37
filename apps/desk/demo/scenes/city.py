"""A city street in the rain at night: neon, wet asphalt, somebody under an umbrella."""

import cv2
import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice
from apps.desk.demo.scenes.houses import NEON, SLOPE, VANISHING, block
from apps.desk.demo.scenes.passer_by import walker


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Paint the street."""
    height, width = shape
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = brush.sky(
        height,
        width,
        [(0, "#070b1f"), (0.3, "#101a3c"), (0.5, "#2b2a5e"), (0.58, "#6b3a78"), (1, "#0a0d1e")],
    )
    _far_air(canvas, dice)
    for depth in DEPTHS:
        block(canvas, dice, depth, side=-1)
        block(canvas, dice, depth, side=1)
        _fog(canvas)
    _wires(canvas)
    _wet_street(canvas, dice)
    _crosswalk(canvas)
    walker(canvas)
    _rain(canvas, dice)
    brush.bloom(canvas, above=0.55, radius=width * 0.022, strength=0.75)
    return canvas


# Share of the way from the vanishing point to the picture's edge, far to near.
DEPTHS = (0.16, 0.25, 0.38, 0.58, 0.9)


def _far_air(canvas: Canvas, dice: Dice) -> None:
    height, width = canvas.shape[:2]
    at = (VANISHING[0] * width, VANISHING[1] * height)
    brush.glow(canvas, at, width * 0.2, "#ff6fae", 0.4)
    brush.glow(canvas, (at[0], at[1] * 1.04), width * 0.09, "#ffc48a", 0.75)
    for _ in range(60):
        x, y = at[0] + width * dice.normal(0, 0.045), at[1] + height * dice.normal(0.012, 0.02)
        brush.glow(canvas, (x, y), width * dice.uniform(0.002, 0.005), str(dice.choice(NEON)), 0.9)


def _fog(canvas: Canvas) -> None:
    height, width = canvas.shape[:2]
    rows, columns = brush.grid((height, width))
    haze = np.exp(
        -(((rows / height - VANISHING[1]) / 0.22) ** 2)
        - ((columns / width - VANISHING[0]) / 0.5) ** 2
    )
    brush.light(canvas, haze, "#8a6ad0", 0.1)


def _wires(canvas: Canvas) -> None:
    height, width = shape = canvas.shape[:2]
    spans = (
        ((0.0, 0.12), (1.0, 0.07), 0.05),
        ((0.0, 0.2), (1.0, 0.17), 0.045),
        ((0.12, 0.29), (0.88, 0.3), 0.025),
        ((0.24, 0.38), (0.72, 0.385), 0.014),
    )
    for (ax, ay), (bx, by), sag in spans:
        share = np.linspace(0, 1, 40)
        line = [
            ((ax + (bx - ax) * t) * width, (ay + (by - ay) * t + sag * 4 * t * (1 - t)) * height)
            for t in share
        ]
        brush.paint(canvas, brush.strokes(shape, [line], thick=width / 620), "#05060f", 0.85)
        for t in (0.2, 0.35, 0.5, 0.65, 0.8):
            _lantern(canvas, line[int(t * 39)], width * 0.0085 * (bx - ax))


def _lantern(canvas: Canvas, at: tuple[float, float], size: float) -> None:
    middle = at[0], at[1] + size * 1.5
    brush.glow(canvas, middle, size * 3.2, "#ff5a3c", 0.6)
    near, (x, y) = brush.around(canvas, middle, size * 2)
    for share, colour in ((1.0, "#ff7a4a"), (0.55, "#ffd9a0")):
        round_ = [
            (x + share * size * np.cos(t), y + 1.2 * share * size * np.sin(t))
            for t in np.linspace(0, 6.28, 24)
        ]
        brush.paint(near, brush.polygon(near.shape[:2], round_), colour)


def _wet_street(canvas: Canvas, dice: Dice) -> None:
    """Asphalt like a rough mirror: lights become long streaks, broken by puddles and small stones."""
    height, width = canvas.shape[:2]
    top = round(VANISHING[1] * height)
    asphalt = canvas[top:]
    shape = asphalt.shape[:2]
    rows, columns = brush.grid(shape)
    kerb = SLOPE * height / width * np.abs(columns - VANISHING[0] * width)
    far = rows / shape[0]
    shift = (brush.noise(shape, (13, 14), dice, octaves=5) - 0.5) * width * 0.05 * far
    x, y = brush.floats(columns + shift * 0.5), brush.floats(top + 2 * kerb - rows + shift)
    picture = brush.floats(cv2.remap(canvas, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
    streaks = brush.blur(picture, width * 0.007, height * 0.04)
    puddles = brush.blur(np.clip(brush.noise(shape, (7, 4), dice, octaves=4) * 4 - 1.7, 0, 1), 2)[
        ..., None
    ]
    wet = streaks * (1 - puddles) + brush.blur(picture, width * 0.0012, height * 0.003) * puddles
    stones = brush.noise(shape, (66, 70), dice, octaves=3) - 0.5
    wet *= (0.95 - 0.35 * far + 0.5 * stones * (1 - puddles[..., 0]) * far)[..., None]
    brush.paint(asphalt, np.clip((rows - kerb) / 1.5, 0, 1).astype(np.float32), wet)
    kerbs = np.exp(-np.abs(rows - kerb) / (height * 0.004 * (0.3 + far)))
    brush.paint(asphalt, kerbs.astype(np.float32), "#0c0d22", 0.55)


def _crosswalk(canvas: Canvas) -> None:
    height, width = canvas.shape[:2]
    vx, vy = VANISHING[0] * width, VANISHING[1] * height
    stripes = []
    for number in range(-6, 7):
        near, far = 0.955, 0.875
        left, right = number * 0.14 - 0.04, number * 0.14 + 0.035
        stripes.append(
            [
                (vx + (x * width * (y * height - vy) / (height - vy) * 1.15), y * height)
                for x, y in ((left, far), (right, far), (right, near), (left, near))
            ]
        )
    brush.light(canvas, brush.blur(brush.polygon((height, width), *stripes), 1.2), "#d9d4ff", 0.2)


def _rain(canvas: Canvas, dice: Dice) -> None:
    height, width = shape = canvas.shape[:2]
    for count, long, thick, strength in (
        (420, 0.022, 0.45, 0.28),
        (150, 0.05, 0.8, 0.3),
        (26, 0.12, 1.4, 0.22),
    ):
        drops = []
        for _ in range(count):
            x, y, tall = (
                dice.uniform(0, 1.05) * width,
                dice.uniform(-0.1, 1) * height,
                long * height * dice.uniform(0.6, 1.3),
            )
            drops.append([(x, y), (x - tall * 0.1, y + tall)])
        brush.light(
            canvas,
            brush.blur(brush.strokes(shape, drops, thick=thick * width / 900), 0.5 * thick),
            "#cfd8ff",
            strength,
        )
    _splashes(canvas, dice)


def _splashes(canvas: Canvas, dice: Dice) -> None:
    height, width = shape = canvas.shape[:2]
    rings = []
    for _ in range(90):
        y = dice.uniform(0.7, 1.0)
        x, size = dice.random() * width, width * 0.012 * (y - 0.6) * 2.4 * dice.uniform(0.5, 1.2)
        rings.append(
            [
                (x + size * np.cos(t), y * height + size * 0.28 * np.sin(t))
                for t in np.linspace(0, 6.3, 18)
            ]
        )
    brush.light(canvas, brush.strokes(shape, rings, thick=width / 1500), "#dfe6ff", 0.45)

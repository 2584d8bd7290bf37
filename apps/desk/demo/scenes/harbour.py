"""A harbour at dusk: boats at rest, the last light on the water, the first lamps on the quay."""

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice
from apps.desk.demo.scenes.water import Shine, glitter, mirror, ripples

SKY = [
    (0.0, "#141b45"),
    (0.22, "#34346f"),
    (0.45, "#7a4a86"),
    (0.66, "#d0667a"),
    (0.84, "#f79a62"),
    (1.0, "#ffd894"),
]
SUN = 0.615


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Paint the harbour."""
    height, width = shape
    horizon = round(height * 0.56)
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:horizon] = brush.sky(horizon, width, SKY)
    above = canvas[:horizon]
    _clouds(above, dice)
    _sun(above)
    _hills(above, dice)
    _town(above, dice)
    _breakwater(above)
    for boat in BOATS:
        _boat(above, *boat)
    waves = ripples((height - horizon, width), dice, size=1.1)
    mirror(canvas, waves, sway=height * 0.055, tint="#1c1f4c", depth=0.42)
    glitter(canvas, waves, Shine(SUN * width, width * 0.05, "#ffd9a0", 0.95))
    _near_boat(canvas)
    _gulls(canvas, dice)
    brush.bloom(canvas, radius=width * 0.014, strength=0.45)
    return canvas


def _clouds(sky: Canvas, dice: Dice) -> None:
    height, width = sky.shape[:2]
    rows, columns = brush.grid((height, width))
    high = rows / height
    body = brush.noise((height, width), (9, 3), dice, octaves=6)
    banks = np.clip((body - 0.5) * 3.2, 0, 1) * np.exp(-(((high - 0.5) / 0.3) ** 2))
    under = np.clip(banks - np.roll(banks, -round(height * 0.018), axis=0), 0, 1)
    near_sun = np.exp(-(((columns / width - SUN) / 0.36) ** 2))
    brush.paint(sky, banks * (1 - 0.45 * near_sun), "#5b3f78", 0.62)
    brush.light(sky, banks * near_sun * high, "#ff8f6b", 0.55)
    brush.light(sky, brush.blur(under, 2) * (0.35 + near_sun), "#ffb27a", 1.0)


def _sun(sky: Canvas) -> None:
    height, width = sky.shape[:2]
    at = (SUN * width, height * 0.885)
    brush.glow(sky, at, width * 0.24, "#ff9a5c", 0.75)
    brush.glow(sky, at, width * 0.07, "#ffd28a", 0.9)
    brush.paint(sky, brush.disc((height, width), *at, width * 0.021), "#fff1cf")


def _hills(sky: Canvas, dice: Dice) -> None:
    height, width = sky.shape[:2]
    for top, tall, colour, haze in (
        (0.80, 0.13, "#a85b80", "#f39a72"),
        (0.885, 0.085, "#6b4377", "#c96c74"),
    ):
        slope = np.linspace(1.0, 0.35, width, dtype=np.float32)
        line = height * (top + tall * (1 - brush.ridge(width, dice, lumps=3) * slope))
        brush.paint(
            sky, brush.below((height, width), line), _hazy(height, width, colour, haze), 0.92
        )


def _hazy(height: int, width: int, colour: str, haze: str) -> Canvas:
    return brush.sky(height, width, [(0, colour), (0.78, colour), (1, haze)])


def _town(sky: Canvas, dice: Dice) -> None:
    height, width = sky.shape[:2]
    left, lamps = -0.01, []
    houses: list[brush.Points] = []
    while left < 0.34:
        wide = dice.uniform(0.018, 0.036)
        tall = dice.uniform(0.09, 0.19) * (1 - left * 1.3)
        houses.append(_house(left, wide, tall, pointed=dice.random() < 0.7))
        lamps += _windows(left, wide, tall, dice)
        left += wide * 0.97
    houses += [*_church(0.135), [(0, 1), (0, 0.955), (0.365, 0.965), (0.385, 1)]]
    scaled = [[(x * width, y * height) for x, y in house] for house in houses]
    town = brush.polygon((height, width), *scaled)
    brush.paint(sky, town, _hazy(height, width, "#2a2350", "#4a2d5c"))
    rim = np.clip(town - np.roll(town, 2, axis=1), 0, 1)
    brush.light(sky, rim, "#ff9c74", 0.5)
    for x, y in lamps:
        _window(sky, (x * width, y * height), width * 0.0011)


def _house(left: float, wide: float, tall: float, *, pointed: bool) -> brush.Points:
    top, right = 1 - tall, left + wide
    if not pointed:
        return [(left, 1), (left, top), (right, top), (right, 1)]
    return [(left, 1), (left, top), (left + wide / 2, top - wide * 0.75), (right, top), (right, 1)]


def _church(at: float) -> list[brush.Points]:
    tower = [(at, 1), (at, 0.72), (at + 0.009, 0.58), (at + 0.018, 0.72), (at + 0.018, 1)]
    return [
        tower,
        [(at + 0.0083, 0.6), (at + 0.0083, 0.55), (at + 0.0097, 0.55), (at + 0.0097, 0.6)],
    ]


def _windows(left: float, wide: float, tall: float, dice: Dice) -> list[tuple[float, float]]:
    rows, columns = int(tall / 0.038), int(wide / 0.009)
    return [
        (left + wide * (column + 1) / (columns + 1), 1 - tall + 0.022 + row * 0.036)
        for row in range(rows)
        for column in range(columns)
        if dice.random() < 0.34
    ]


def _window(sky: Canvas, at: tuple[float, float], half: float) -> None:
    near, (x, y) = brush.around(sky, at, half * 4)
    tall = half * 1.6
    pane = [(x - half, y - tall), (x + half, y - tall), (x + half, y + tall), (x - half, y + tall)]
    brush.paint(near, brush.polygon(near.shape[:2], pane), "#ffd489")
    brush.glow(sky, at, half * 5.5, "#ffae55", 0.35)


def _breakwater(sky: Canvas) -> None:
    height, width = sky.shape[:2]
    wall = [(0.7, 1.0), (0.715, 0.972), (1.0, 0.955), (1.0, 1.0)]
    tower = [(0.752, 0.975), (0.7555, 0.80), (0.7645, 0.80), (0.768, 0.975)]
    lantern = [(0.7565, 0.80), (0.7565, 0.765), (0.76, 0.742), (0.7635, 0.765), (0.7635, 0.80)]
    for outline in (wall, tower, lantern):
        mask = brush.polygon((height, width), [(x * width, y * height) for x, y in outline])
        brush.paint(sky, mask, "#33244f")
    lamp = (0.76 * width, 0.782 * height)
    brush.paint(sky, brush.disc((height, width), *lamp, width * 0.0022), "#fff3d0")
    brush.glow(sky, lamp, width * 0.022, "#ffd890", 0.95)


# Where a boat lies, how long it is, how high its mast, and how dark it is against the light.
BOATS = (
    (0.405, 0.035, 0.26, "#4a2f60"),
    (0.462, 0.045, 0.36, "#3b2856"),
    (0.53, 0.038, 0.30, "#45305d"),
    (0.69, 0.05, 0.42, "#33244f"),
    (0.86, 0.06, 0.50, "#2b2048"),
)


def _boat(sky: Canvas, at: float, long: float, mast: float, colour: str) -> None:
    height, width = sky.shape[:2]
    x, deck, unit = at * width, height * 0.972, long * width
    hull = [
        (x - unit * 0.5, deck),
        (x + unit * 0.58, deck - unit * 0.05),
        (x + unit * 0.42, height + 2),
        (x - unit * 0.42, height + 2),
    ]
    cabin = [
        (x - unit * 0.2, deck),
        (x - unit * 0.16, deck - unit * 0.13),
        (x + unit * 0.16, deck - unit * 0.13),
        (x + unit * 0.24, deck),
    ]
    brush.paint(sky, brush.polygon((height, width), hull, cabin), colour)
    top = deck - mast * height
    pole, boom = (
        [(x, deck), (x, top)],
        [(x, deck - unit * 0.25), (x - unit * 0.42, deck - unit * 0.22)],
    )
    stays = [[(x, top), (x + unit * 0.56, deck - unit * 0.04)], [(x, top), (x - unit * 0.48, deck)]]
    brush.paint(sky, brush.strokes((height, width), [pole, boom], thick=width / 700), colour)
    brush.paint(sky, brush.strokes((height, width), stays, thick=width / 2200), colour, 0.8)


def _near_boat(canvas: Canvas) -> None:
    """Moor a rowing boat in the foreground, dark, with the last light on its rim."""
    height, width = shape = canvas.shape[:2]
    x, y, unit = width * 0.235, height * 0.80, width * 0.115

    def place(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + px * unit, y + py * unit) for px, py in points]

    front = brush.curve(place((-1, -0.1), (-0.6, 0.02), (0, 0.06), (0.6, 0.0), (1.05, -0.19)))
    back = brush.curve(place((1.05, -0.19), (0.55, -0.1), (0, -0.07), (-0.55, -0.08), (-1, -0.1)))
    keel = brush.curve(
        place((1.05, -0.19), (0.86, 0.12), (0.4, 0.24), (-0.3, 0.24), (-0.8, 0.14), (-1, -0.1))
    )
    sunk = y + unit * 0.225
    shadow = [(px, 2 * sunk - py + unit * 0.02) for px, py in [*front, *keel]]
    brush.paint(
        canvas, brush.blur(brush.polygon(shape, shadow), width / 330, width / 700), "#151130", 0.8
    )
    brush.paint(canvas, brush.polygon(shape, [*front, *keel]), _lit_hull(shape, y, unit))
    brush.paint(canvas, brush.polygon(shape, [*front, *back]), "#452a4c")
    seats = [place((-0.25, -0.075), (-0.2, 0.05), (-0.06, 0.055), (-0.11, -0.07))]
    seats += [place((0.4, -0.085), (0.47, 0.02), (0.58, 0.005), (0.51, -0.095))]
    brush.paint(canvas, brush.polygon(shape, *seats), "#241a3e")
    oar = brush.strokes(shape, [place((0.02, -0.12), (1.12, 0.2))], thick=width / 500)
    blade = brush.polygon(shape, place((1.08, 0.175), (1.33, 0.235), (1.32, 0.275), (1.07, 0.205)))
    brush.paint(canvas, np.maximum(oar, blade), "#1d1738")
    brush.light(canvas, brush.strokes(shape, [front], thick=width / 800), "#ffb080", 0.75)
    brush.light(canvas, brush.strokes(shape, [back], thick=width / 1600), "#ffb080", 0.5)
    ring = brush.blur(
        brush.strokes(
            shape,
            [brush.curve([(px, sunk + unit * 0.02) for px, _ in keel[:-6]])],
            thick=width / 900,
        ),
        1.2,
    )
    brush.light(canvas, ring, "#e8a0a0", 0.35)


def _lit_hull(shape: tuple[int, int], y: float, unit: float) -> Canvas:
    rows, _ = brush.grid(shape)
    share = np.clip((rows - y) / (unit * 0.24), 0, 1)[..., None]
    hull = brush.rgb("#3a2650") * (1 - share) + brush.rgb("#161230") * share
    return np.broadcast_to(hull.astype(np.float32), (*shape, 3))


def _gulls(canvas: Canvas, dice: Dice) -> None:
    height, width = canvas.shape[:2]
    birds = []
    for _ in range(9):
        x, y = width * dice.uniform(0.4, 0.62), height * dice.uniform(0.14, 0.33)
        span = width * dice.uniform(0.004, 0.008)
        lift = dice.uniform(0.3, 0.6)
        birds.append(
            [
                (x - span, y - span * lift),
                (x - span * 0.4, y - span * lift * 0.9),
                (x, y),
                (x + span * 0.4, y - span * lift * 0.9),
                (x + span, y - span * lift * 0.8),
            ]
        )
    brush.paint(canvas, brush.strokes((height, width), birds, thick=width / 1000), "#2a1f4a", 0.85)

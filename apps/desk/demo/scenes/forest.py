"""A forest cut from paper: sheet behind sheet in a light box, and a stag in the clearing."""

from typing import NamedTuple

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.animals import fox, stag
from apps.desk.demo.scenes.brush import Canvas, Dice, Mask
from apps.desk.demo.scenes.foliage import leaf, tree, undergrowth

SUN = (0.5, 0.4)


class Sheet(NamedTuple):
    """One sheet of paper: its colour, where its ground lies, how far its leaves hang in, and its trees."""

    colour: str
    ground: float
    frame: float
    trees: tuple[tuple[float, float], ...]


# Back to front; a tree is where it stands and how thick it is.
SHEETS = (
    Sheet(
        "#f7cf9d",
        0.66,
        0.0,
        ((0.27, 0.011), (0.36, 0.008), (0.445, 0.006), (0.575, 0.007), (0.66, 0.01), (0.73, 0.008)),
    ),
    Sheet("#eda67f", 0.69, 0.0, ((0.2, 0.016), (0.315, 0.012), (0.69, 0.015), (0.785, 0.013))),
    Sheet("#d37a6f", 0.73, 0.38, ((0.14, 0.021), (0.245, 0.015), (0.755, 0.018), (0.86, 0.022))),
    Sheet("#9a5468", 0.785, 0.29, ((0.1, 0.026), (0.83, 0.024), (0.91, 0.02))),
    Sheet("#5f3d5f", 0.85, 0.2, ((0.055, 0.036), (0.185, 0.02), (0.93, 0.036))),
    Sheet("#33294d", 0.915, 0.11, ((-0.005, 0.055), (0.985, 0.06))),
    Sheet("#1b1b38", 0.97, 0.02, ()),
)
STAG_ON, FOX_ON = 2, 4


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Cut the forest, sheet after sheet, and lay each on the one behind."""
    height, width = shape
    canvas = brush.sky(
        height, width, [(0, "#f6b98a"), (0.4, "#ffe9bd"), (0.7, "#fbd19a"), (1, "#f2b487")]
    )
    sun = (SUN[0] * width, SUN[1] * height)
    brush.glow(canvas, sun, width * 0.32, "#fff6d8", 0.9)
    _rings(canvas, sun)
    paper = _fibres(shape, dice)
    for number, sheet in enumerate(SHEETS):
        mask = _cut(shape, dice, sheet, number)
        _lay(canvas, mask, sheet.colour, paper, lift=width * (0.005 + 0.0016 * number))
        if number == 1:
            _birds(canvas, paper)
    return canvas


def _fibres(shape: tuple[int, int], dice: Dice) -> Mask:
    """Give the tooth of heavy paper."""
    fine = brush.noise(shape, (shape[0] // 8, shape[1] // 8), dice, octaves=2)
    coarse = brush.noise(shape, (26, 20), dice, octaves=4)
    return brush.floats((fine * 0.6 + coarse * 0.4 - 0.5) * 0.09)


def _rings(canvas: Canvas, sun: tuple[float, float]) -> None:
    shape = _, width = canvas.shape[:2]
    for radius, strength in ((0.36, 0.28), (0.285, 0.34), (0.21, 0.5)):
        disc = brush.disc(shape, *sun, width * radius)
        brush.shade(
            canvas,
            brush.blur(np.roll(disc, round(width * 0.004), axis=0), width * 0.006) * (1 - disc),
            "#b86a4c",
            0.35,
        )
        brush.light(canvas, disc, "#fff3cf", strength)
    brush.paint(canvas, brush.disc(shape, *sun, width * 0.135), "#fffaec")


def _lay(canvas: Canvas, mask: Mask, colour: str, paper: Mask, *, lift: float) -> None:
    """Let a sheet throw its shadow, a sharp one and a soft one, and lay it down with a bright cut edge."""
    fallen = 0.4 * _fallen(mask, lift * 0.6) + 0.42 * _fallen(mask, lift * 2)
    brush.shade(canvas, fallen * (1 - mask), "#3a1d3c")
    rows, _ = brush.grid(mask.shape)
    fall_off = (1.07 - 0.16 * rows / mask.shape[0]) + paper
    brush.paint(canvas, mask, np.clip(brush.rgb(colour) * fall_off[..., None], 0, 1))
    edge = np.clip(mask - np.roll(mask, (2, 1), axis=(0, 1)), 0, 1)
    brush.light(canvas, edge, "#ffe7c4", 0.17)


def _fallen(mask: Mask, far: float) -> Mask:
    return np.roll(brush.blur(mask, far), (round(far * 0.9), round(far * 0.35)), axis=(0, 1))


def _cut(shape: tuple[int, int], dice: Dice, sheet: Sheet, number: int) -> Mask:
    height, width = shape
    line = height * (
        sheet.ground + 0.03 * (brush.ridge(width, dice, lumps=3, octaves=3, rough=0.45) - 0.5)
    )
    # The ground rises towards both sides, so that the eye is led to the middle.
    line -= height * 0.05 * np.abs(np.linspace(-1, 1, width)) ** 2 * (1 + number * 0.25)
    outlines = undergrowth(dice, line, number, width)
    for at, thick in sheet.trees:
        outlines += tree(
            dice, at * width, float(line[int(np.clip(at, 0, 0.99) * width)]), thick * width, height
        )
    if number == STAG_ON:
        outlines += stag((0.515 * width, (sheet.ground + 0.012) * height), width * 0.2)
    if number == FOX_ON:
        outlines += fox((0.64 * width, (sheet.ground - 0.012) * height), width * 0.12)
    mask = np.maximum(brush.below(shape, line.astype(np.float32)), brush.polygon(shape, *outlines))
    return np.maximum(mask, _frame(shape, dice, sheet.frame)) if sheet.frame else mask


def _frame(shape: tuple[int, int], dice: Dice, narrow: float) -> Mask:
    """Cut a round opening, its rim all leaves."""
    height, width = shape
    rows, columns = brush.grid(shape)
    across, down = (0.52 - narrow * 0.36) * width, (0.53 - narrow * 0.4) * height
    centre = (0.5 * width, 0.52 * height)
    far = np.hypot((columns - centre[0]) / across, (rows - centre[1]) / down)
    leaves = []
    for turn in np.linspace(np.pi * 0.86, np.pi * 2.14, 84):
        for ring in (1.13, 1.06, 1.0):
            x = centre[0] + across * ring * np.cos(turn + dice.normal(0, 0.02))
            y = centre[1] + down * ring * np.sin(turn + dice.normal(0, 0.02))
            leaves.append(leaf(dice, (x, y), width * dice.uniform(0.03, 0.052) * (1.15 - narrow)))
    solid = np.clip((far - 1.1) * width * 0.3, 0, 1)
    return brush.floats(np.maximum(solid, brush.polygon(shape, *leaves)))


def _birds(canvas: Canvas, paper: Mask) -> None:
    height, width = shape = canvas.shape[:2]
    wings = [
        (-1, 0.32),
        (-0.45, 0.2),
        (0, -0.06),
        (0.45, 0.2),
        (1, 0.32),
        (0.5, 0.02),
        (0.08, -0.2),
        (-0.08, -0.2),
        (-0.5, 0.02),
    ]
    flock = [(0.41, 0.35, 0.03), (0.47, 0.31, 0.022), (0.585, 0.36, 0.026), (0.55, 0.29, 0.017)]
    outlines = [
        brush.curve(brush.placing((x * width, y * height), size * width)(wings), closed=True)
        for x, y, size in flock
    ]
    _lay(canvas, brush.polygon(shape, *outlines), "#c8695f", paper, lift=width * 0.003)

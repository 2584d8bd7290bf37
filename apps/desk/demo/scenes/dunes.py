"""Desert dunes under a large moon: a caravan on the crest, stars above."""

from typing import NamedTuple

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice, Line, Mask

SKY = [
    (0.0, "#0d1440"),
    (0.25, "#24286a"),
    (0.45, "#5a3f8c"),
    (0.58, "#a85c94"),
    (0.68, "#e8907f"),
    (1.0, "#ffd0a0"),
]
MOON = (0.66, 0.27, 0.115)


class Dune(NamedTuple):
    """A crest as points, sand in the light and in the shade, the haze at its foot, and how near it is."""

    crest: brush.Points
    sunny: str
    shaded: str
    foot: str
    near: int


# Back to front.
DUNES = (
    Dune(
        ((0, 0.60), (0.2, 0.575), (0.42, 0.605), (0.6, 0.57), (0.8, 0.6), (1, 0.585)),
        "#d98a86",
        "#a5648a",
        "#e39a88",
        0,
    ),
    Dune(
        ((0, 0.64), (0.18, 0.655), (0.4, 0.60), (0.62, 0.655), (0.85, 0.62), (1, 0.64)),
        "#d87f72",
        "#84507f",
        "#d98a7c",
        1,
    ),
    Dune(
        ((0, 0.66), (0.25, 0.70), (0.5, 0.715), (0.74, 0.645), (0.9, 0.69), (1, 0.70)),
        "#d5765f",
        "#663f74",
        "#c9706c",
        2,
    ),
    Dune(
        ((0, 0.79), (0.15, 0.745), (0.32, 0.69), (0.52, 0.765), (0.75, 0.80), (1, 0.76)),
        "#cf6a4d",
        "#4c3168",
        "#a9566a",
        3,
    ),
    Dune(
        ((0, 0.86), (0.3, 0.88), (0.55, 0.86), (0.78, 0.80), (1, 0.845)),
        "#b9543f",
        "#372558",
        "#77406a",
        4,
    ),
    Dune(
        ((0, 0.92), (0.2, 0.90), (0.45, 0.945), (0.7, 0.965), (1, 0.93)),
        "#8e3d3a",
        "#241a45",
        "#402456",
        5,
    ),
)
CARAVAN_ON = 3


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Paint the desert."""
    height, width = shape
    canvas = brush.sky(height, width, [(at * 0.66, colour) for at, colour in SKY])
    _stars(canvas, dice)
    _clouds(canvas, dice)
    _moon(canvas, dice)
    crests = [_crest(width, dune.crest) * height for dune in DUNES] + [
        np.full(width, height, np.float32)
    ]
    for dune, crest, next_ in zip(DUNES, crests, crests[1:], strict=False):
        # Nothing of a dune is seen under the lowest point of the next one's crest.
        top, bottom = int(crest.min()) - 3, int(next_.max()) + 3
        _dune(canvas[top:bottom], dice, dune, crest - top)
        if dune.near == CARAVAN_ON:
            _caravan(canvas, crest)
    brush.bloom(canvas, above=0.75, radius=width * 0.02, strength=0.35)
    return canvas


def _stars(canvas: Canvas, dice: Dice) -> None:
    height, width = canvas.shape[:2]
    milky = brush.noise((height, width), (5, 5), dice, octaves=6)
    rows, columns = brush.grid((height, width))
    band = (
        np.exp(-(((columns / width * 0.75 + rows / height - 0.42) / 0.13) ** 2))
        * milky
        * np.clip(1 - rows / height * 2, 0, 1)
    )
    brush.light(canvas, band, "#8f8be0", 0.4)
    for _ in range(420):
        x, y, size = dice.random() * width, dice.beta(1, 2.2) * height * 0.47, dice.beta(1, 7)
        near, at = brush.around(canvas, (x, y), width * 0.008)
        if near.size:
            spot = brush.disc(near.shape[:2], *at, width * 0.0004 + size * width * 0.0012)
            brush.light(near, spot, "#fff6e6", 0.35 + 0.6 * dice.random())
        if size > 0.42:
            brush.glow(canvas, (x, y), width * 0.003, "#cfd4ff", 0.7)


def _clouds(canvas: Canvas, dice: Dice) -> None:
    shape = canvas.shape[:2]
    rows, _ = brush.grid(shape)
    body = np.clip(brush.noise(shape, (16, 2), dice, octaves=5) * 2.2 - 1.2, 0, 1)
    brush.light(canvas, body * np.exp(-(((rows / shape[0] - 0.5) / 0.07) ** 2)), "#ffb59c", 0.5)


def _moon(canvas: Canvas, dice: Dice) -> None:
    height, width = canvas.shape[:2]
    centre, radius = (MOON[0] * width, MOON[1] * height), MOON[2] * width
    brush.glow(canvas, centre, radius * 2.2, "#ffc9a8", 0.75)
    near, (x, y) = brush.around(canvas, centre, radius * 1.1)
    shape = near.shape[:2]
    rows, columns = brush.grid(shape)
    seas = np.clip(brush.noise(shape, (3, 3), dice, octaves=5) * 2.4 - 1.1, 0, 1)
    rim = np.clip(np.hypot(rows - y, columns - x) / radius, 0, 1) ** 3
    face = brush.rgb("#fff4dc") - seas[..., None] * np.array([0.13, 0.15, 0.16], np.float32)
    face -= rim[..., None] * np.array([0.02, 0.07, 0.1], np.float32)
    for _ in range(26):
        turn, far, size = (
            dice.uniform(0, 6.28),
            radius * np.sqrt(dice.random()) * 0.9,
            radius * dice.beta(1, 9) * 0.22,
        )
        spot = (x + far * np.cos(turn), y + far * np.sin(turn))
        face += (brush.disc(shape, *spot, size, soft=3) * 0.05)[..., None]
        face -= (
            brush.disc(shape, spot[0] + size * 0.25, spot[1] + size * 0.2, size * 0.85, soft=3)
            * 0.09
        )[..., None]
    brush.paint(near, brush.disc(shape, x, y, radius), np.clip(face, 0, 1).astype(np.float32))


def _crest(width: int, points: brush.Points) -> Line:
    line = np.array(brush.curve(points, steps=40))
    return brush.floats(np.interp(np.linspace(0, 1, width), line[:, 0], line[:, 1]))


def _dune(canvas: Canvas, dice: Dice, dune: Dune, line: Line) -> None:
    shape = _, width = canvas.shape[:2]
    rows, _ = brush.grid(shape)
    depth = np.clip((rows - line[None]) / (width * (0.07 + 0.03 * dune.near)), 0, 1)
    lit = _lit_side(shape, line, dice, dune.near)
    sunny, shaded, foot = brush.rgb(dune.sunny), brush.rgb(dune.shaded), brush.rgb(dune.foot)
    sand = shaded + (sunny - shaded) * lit[..., None]
    sand += (foot - sand) * (depth**1.5 * 0.75)[..., None]
    sand += (_ripples(shape, line, dice, dune.near) * (0.25 + lit))[..., None] * brush.rgb(
        (0.09, 0.06, 0.05)
    )
    brush.paint(canvas, brush.below(shape, line), np.clip(sand, 0, 1))
    edge = (
        np.exp(-np.abs(rows - line[None] - 1.5) / (width * 0.0016)) * lit * (rows >= line[None] - 1)
    )
    brush.light(canvas, edge, "#ffdcae", 0.55)


def _lit_side(shape: tuple[int, int], line: Line, dice: Dice, near: int) -> Mask:
    """Light the slopes that fall to the right, where the moon is, down to a winding edge of shadow."""
    height, width = shape
    slope = np.gradient(brush.blur(np.repeat(line[None], 2, axis=0), width * 0.015, 0.1)[0])
    rows, columns = brush.grid(shape)
    bend = brush.ridge(height, dice, lumps=3, octaves=3, rough=0.4)[:, None] - 0.5
    # The edge between light and shade wanders sideways as it comes down towards us.
    drift = (rows - line[None]) * (0.9 + 0.15 * near) + bend * width * 0.04
    lookup = np.clip(columns - drift, 0, width - 1).astype(np.int32)
    return brush.floats(np.clip(slope[lookup] * 9 + 0.42, 0, 1))


def _ripples(shape: tuple[int, int], line: Line, dice: Dice, near: int) -> Mask:
    width = shape[1]
    rows, columns = brush.grid(shape)
    bend = brush.noise(shape, (2, 4), dice, octaves=3)
    depth = np.clip(rows - line[None], 0, None)
    phase = (
        depth**0.86 * (210 * width**-0.86 * 1.1) * (1.35 - 0.12 * near) * 2.4
        + bend * 7
        + columns / width * 5
    )
    fade = np.clip(depth / (width * 0.02), 0, 1) * (0.25 + 0.16 * near)
    return brush.floats(np.sin(phase) * fade * (0.35 + 0.65 * bend))


CAMEL = (
    (-0.62, 0.60), (-0.66, 0.70), (-0.58, 0.78), (-0.47, 0.76), (-0.42, 0.66), (-0.36, 0.52), (-0.27, 0.50),
    (-0.18, 0.60), (-0.10, 0.72), (0.0, 0.82), (0.1, 0.74), (0.2, 0.63), (0.32, 0.55), (0.38, 0.42),
    (0.4, 0.3), (0.34, 0.28), (0.1, 0.30), (-0.12, 0.30), (-0.27, 0.34), (-0.36, 0.38), (-0.45, 0.50),
    (-0.5, 0.64),
)  # fmt: skip
LEGS = ((-0.24, 0.36, -0.31), (-0.15, 0.34, -0.11), (0.24, 0.34, 0.17), (0.35, 0.36, 0.4))


def _caravan(canvas: Canvas, crest: Line) -> None:
    """Let five camels and two people walk along the crest, dark against the sand."""
    width = canvas.shape[1]
    for number, at in enumerate((0.222, 0.262, 0.301, 0.338, 0.372)):
        _camel(canvas, at * width, crest, width * (0.031 - 0.0008 * number), rider=number in {1, 3})
    for at in (0.19, 0.402):
        _walker(canvas, at * width, crest, width * 0.0125)


def _camel(canvas: Canvas, x: float, crest: Line, size: float, *, rider: bool) -> None:
    near, foot = brush.around(canvas, (x, float(crest[round(x)])), size * 2)
    place = brush.placing(foot, size)
    body = brush.curve(place(CAMEL), closed=True)
    legs = [
        place([(hip - 0.045, top), (hip + 0.05, top), (toe + 0.022, -0.04), (toe - 0.022, -0.04)])
        for hip, top, toe in LEGS
    ]
    tail = brush.strokes(
        near.shape[:2], [place([(0.38, 0.5), (0.46, 0.36), (0.45, 0.24)])], thick=size * 0.035
    )
    shapes = [body, *legs]
    if rider:
        shapes += [
            brush.curve(
                place([(-0.13, 0.7), (-0.1, 1.02), (0.0, 1.12), (0.1, 1.0), (0.14, 0.68)]),
                closed=True,
            ),
            brush.round_(place, 0.0, 1.18, 0.085),
        ]
    else:
        shapes += [
            brush.curve(
                place(
                    [
                        (-0.2, 0.58),
                        (-0.18, 0.42),
                        (0.2, 0.42),
                        (0.22, 0.6),
                        (0.1, 0.86),
                        (-0.08, 0.86),
                    ]
                ),
                closed=True,
            )
        ]
    mask = np.maximum(brush.polygon(near.shape[:2], shapes[0]), tail)
    for outline in shapes[1:]:
        mask = np.maximum(mask, brush.polygon(near.shape[:2], outline))
    brush.paint(near, mask, "#1f1540")
    brush.light(near, np.clip(mask - np.roll(mask, -1, axis=1), 0, 1), "#ffd6ae", 0.5)


def _walker(canvas: Canvas, x: float, crest: Line, size: float) -> None:
    near, foot = brush.around(canvas, (x, float(crest[round(x)])), size * 3)
    place = brush.placing(foot, size)
    robe = place(
        [(-0.3, -0.06), (-0.2, 0.8), (-0.12, 1.2), (0.12, 1.2), (0.22, 0.8), (0.34, -0.06)]
    )
    mask = np.maximum(
        brush.polygon(near.shape[:2], robe),
        brush.polygon(near.shape[:2], brush.round_(place, 0.0, 1.36, 0.2)),
    )
    staff = brush.strokes(near.shape[:2], [place([(-0.42, 0.0), (-0.36, 1.5)])], thick=size * 0.07)
    brush.paint(near, np.maximum(mask, staff), "#1f1540")

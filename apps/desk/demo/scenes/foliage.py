"""Trees, leaves, grass and ferns as outlines, each a little different."""

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Dice, Line

_LEAF = np.array(
    brush.curve(
        [(-1, 0), (-0.35, 0.34), (0.35, 0.3), (1, 0), (0.35, -0.3), (-0.35, -0.34)],
        closed=True,
        steps=5,
    )
)


def tree(dice: Dice, x: float, foot: float, thick: float, height: float) -> list[brush.Points]:
    """Outline a trunk that leaves the picture at the top, its roots, and bare boughs."""
    lean, bend = dice.normal(0, thick * 0.9), dice.normal(0, thick * 0.5)
    left = [
        (x - thick * 1.9, foot + height * 0.012),
        (x - thick * 0.75, foot - height * 0.03),
        (x - thick * 0.5 + bend, foot * 0.5),
        (x - thick * 0.34 + lean, -9),
    ]
    right = [
        (x + thick * 0.34 + lean, -9),
        (x + thick * 0.5 + bend, foot * 0.5),
        (x + thick * 0.78, foot - height * 0.03),
        (x + thick * 2.0, foot + height * 0.012),
    ]
    shapes: list[brush.Points] = [[*brush.curve(left), *brush.curve(right)]]
    for _ in range(int(dice.integers(3, 6))):
        y, side = foot * dice.uniform(0.12, 0.72), float(dice.choice([-1, 1]))
        shapes += _bough(dice, (x + bend, y), side, thick * dice.uniform(3.5, 6.5), thick * 0.36)
    return shapes


def _bough(
    dice: Dice, at: tuple[float, float], side: float, long: float, thick: float
) -> list[brush.Points]:
    x, y = at
    rise = dice.uniform(0.35, 0.8)
    spine = [
        (x, y),
        (x + side * long * 0.45, y - long * rise * 0.3),
        (x + side * long, y - long * rise),
    ]
    shapes = [tapered(brush.curve(spine), thick)]
    for share in (0.4, 0.65):
        bx, by = x + side * long * share, y - long * rise * share**1.5
        twig = [
            (bx, by),
            (bx + side * long * 0.12, by - long * 0.16),
            (bx + side * long * 0.16, by - long * 0.36),
        ]
        shapes.append(tapered(brush.curve(twig), thick * 0.5))
    return shapes


def tapered(spine: brush.Points, thick: float) -> brush.Points:
    """Give a line a body that runs out in a point."""
    line = np.array(spine)
    along = np.diff(line, axis=0, append=2 * line[-1:] - line[-2:-1])
    across = (
        np.stack([-along[:, 1], along[:, 0]], axis=1)
        / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    )
    body = across * np.linspace(thick, thick * 0.12, len(line))[:, None]
    return [(float(px), float(py)) for px, py in np.vstack([line + body, (line - body)[::-1]])]


def pine(x: float, foot: float, tall: float, dice: Dice) -> brush.Points:
    """Outline a spruce: boughs that grow wider and hang lower towards the ground."""
    right: list[tuple[float, float]] = [(x, foot - tall)]
    left: list[tuple[float, float]] = []
    tiers = int(np.clip(tall / 7, 5, 22))
    for tier in range(1, tiers + 1):
        share = tier / tiers
        y = foot - tall * (1 - share * 0.94)
        for side, into in ((1, right), (-1, left)):
            reach = tall * 0.2 * share**0.8 * dice.uniform(0.75, 1.15)
            into.append((x + side * reach, y + tall * 0.03))
            into.append((x + side * reach * 0.45, y - tall * 0.008))
    trunk = tall * 0.014
    return [*right, (x + trunk, foot), (x - trunk, foot), *reversed(left)]


def leaf(dice: Dice, at: tuple[float, float], long: float) -> brush.Points:
    """Outline a leaf that hangs any way it likes."""
    turn = dice.uniform(0, 2 * np.pi)
    turned = (
        _LEAF @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * long + at
    )
    return [(float(x), float(y)) for x, y in turned]


def undergrowth(dice: Dice, line: Line, number: int, width: int) -> list[brush.Points]:
    """Outline grass and ferns along the ground, fewer in the middle so that the clearing stays clear."""
    shapes: list[brush.Points] = []
    size = width * (0.012 + 0.006 * number)
    for _ in range(26 + 6 * number):
        x = float(dice.choice([dice.beta(1, 2.2) * 0.5, 1 - dice.beta(1, 2.2) * 0.5])) * (width - 1)
        foot = float(line[int(x)]) + size * 0.2
        if number >= 2 and dice.random() < 0.35:
            shapes += _fern(dice, x, foot, size * dice.uniform(1.2, 2.0))
        else:
            lean, tall = dice.normal(0, size * 0.4), size * dice.uniform(0.7, 1.7)
            shapes.append(
                tapered(
                    brush.curve(
                        [(x, foot), (x + lean * 0.4, foot - tall * 0.6), (x + lean, foot - tall)]
                    ),
                    size * 0.07,
                )
            )
    return shapes


def _fern(dice: Dice, x: float, foot: float, tall: float) -> list[brush.Points]:
    side = float(dice.choice([-1, 1]))
    spine = brush.curve(
        [
            (x, foot),
            (x + side * tall * 0.12, foot - tall * 0.6),
            (x + side * tall * 0.55, foot - tall),
        ],
        steps=7,
    )
    shapes = [tapered(spine, tall * 0.025)]
    for at, (px, py) in enumerate(spine[2:], start=2):
        reach = tall * 0.34 * (1 - at / len(spine) * 0.85)
        for way in (-reach, reach):
            frond = [(px, py), (px + way * 0.6, py - reach * 0.18), (px + way, py + reach * 0.12)]
            shapes += [tapered(frond, tall * 0.035)]
    return shapes

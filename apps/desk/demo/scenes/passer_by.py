"""Somebody under an umbrella, and the reflection that follows."""

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Mask

# The hem of the umbrella, in heights of the person.
HEM = 0.6
COAT = (
    (-0.125, 0.235), (-0.1, 0.45), (-0.1, 0.6), (-0.06, 0.69), (0.06, 0.69), (0.1, 0.6), (0.1, 0.45),
    (0.135, 0.24), (0.0, 0.215),
)  # fmt: skip
LEGS = (
    ((-0.075, 0.26), (-0.07, 0.1), (-0.085, 0.0), (-0.03, 0.0), (-0.018, 0.12), (-0.01, 0.26)),
    ((0.015, 0.26), (0.03, 0.13), (0.035, 0.03), (0.085, 0.04), (0.08, 0.14), (0.085, 0.26)),
)
BAG = ((0.1, 0.36), (0.19, 0.34), (0.2, 0.22), (0.11, 0.23))


def walker(canvas: Canvas) -> None:
    """Let somebody walk home: coat, bag, red umbrella."""
    shape = height, width = canvas.shape[:2]
    foot, tall = (width * 0.53, height * 0.865), height * 0.205
    place = brush.placing(foot, tall)
    body = brush.curve(place(COAT), closed=True)
    figure = brush.polygon(shape, body, *(brush.curve(place(leg)) for leg in LEGS), place(BAG))
    outline = _umbrella()
    canopy = brush.polygon(shape, place(outline))
    _cast(canvas, np.maximum(figure, canopy), round(foot[1]))
    brush.glow(canvas, (foot[0], foot[1] - tall * 0.5), tall * 0.32, "#ff86c0", 0.22)
    _rimmed(canvas, figure, "#090a18", tall * 0.6)
    tip = brush.strokes(shape, [place([(0.062, 0.86), (0.078, 0.945)])], thick=tall * 0.012)
    brush.paint(canvas, tip, "#2a0714")
    _rimmed(canvas, canopy, "#c21545", tall)
    ribs = [
        _leant([(0.0, 0.89), (end * 0.62, 0.82 - abs(end) * 0.25), (end, HEM)])
        for end in (-0.2, 0.0, 0.2)
    ]
    in_shade = brush.polygon(shape, place([*outline[20:40], *reversed(ribs[1])]))
    brush.shade(canvas, in_shade * canopy, "#8a5a86", 0.55)
    lines = brush.strokes(shape, [brush.curve(place(rib)) for rib in ribs], thick=tall * 0.006)
    brush.paint(canvas, lines, "#5c0a28", 0.7)


def _umbrella() -> brush.Points:
    arch = [(0.4 * np.cos(t), HEM + 0.29 * np.sin(t)) for t in np.linspace(0, np.pi, 40)]
    turns = [(panel, t) for panel in range(4) for t in np.linspace(0, 1, 12)]
    hem = [(0.2 * (panel + t) - 0.4, HEM + 0.055 * np.sin(np.pi * t)) for panel, t in turns]
    return _leant([*arch, *hem])


def _leant(points: brush.Points) -> brush.Points:
    """Hold the umbrella into the rain."""
    return [(x * 0.985 + (y - HEM) * 0.16 + 0.02, y - x * 0.13) for x, y in points]


def _rimmed(canvas: Canvas, mask: Mask, colour: str, tall: float) -> None:
    reach = max(1, round(tall * 0.012))
    brush.paint(canvas, mask, colour)
    brush.light(canvas, np.clip(mask - np.roll(mask, reach, axis=1), 0, 1), "#3fe6ff", 0.75)
    brush.light(canvas, np.clip(mask - np.roll(mask, -reach, axis=1), 0, 1), "#ff5aa8", 0.75)
    brush.light(canvas, np.clip(mask - np.roll(mask, reach, axis=0), 0, 1), "#ffd2e0", 0.35)


def _cast(canvas: Canvas, figure: Mask, foot: int) -> None:
    tall = min(canvas.shape[0] - foot, foot)
    fade = np.linspace(0.9, 0.35, tall, dtype=np.float32)[:, None]
    below = brush.blur(
        np.ascontiguousarray(figure[foot - tall : foot][::-1]),
        canvas.shape[1] * 0.004,
        canvas.shape[0] * 0.008,
    )
    brush.paint(canvas[foot : foot + tall], below * fade, "#0a0a1a")

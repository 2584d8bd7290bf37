"""The lighthouse itself: tower, lantern, keeper's house, and the beam."""

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas

LAMP = (0.7, 0.2)


def tower(canvas: Canvas) -> None:
    """Build the tower: white with two red bands, round in the light from the left; and the keeper's house."""
    height, width = shape = canvas.shape[:2]
    x, foot, lamp = LAMP[0] * width, height * 0.535, LAMP[1] * height
    unit = width * 0.026
    _house(canvas)
    rows, columns = brush.grid(shape)
    share = np.clip((foot - rows) / (foot - lamp), 0, 1)
    half = unit * (1 - 0.36 * share)
    round_ = (columns - x) / half
    tall = (rows < foot) & (rows > lamp + unit * 0.55)
    mask = np.clip((1 - np.abs(round_)) * half + 0.5, 0, 1) * tall
    bands = ((share > 0.22) & (share < 0.42)) | ((share > 0.62) & (share < 0.82))
    paint = np.where(bands[..., None], brush.rgb("#b8402f"), brush.rgb("#f2ead9"))
    lit = np.clip(0.72 - 0.5 * round_ - 0.22 * round_**2, 0.16, 1)[..., None]
    brush.paint(
        canvas,
        mask.astype(np.float32),
        (paint * lit + brush.rgb("#1e3345") * (1 - lit) * 0.55).astype(np.float32),
    )
    _lantern(canvas, (x, lamp), unit)


def _lantern(canvas: Canvas, at: tuple[float, float], unit: float) -> None:
    shape = _, width = canvas.shape[:2]
    place = brush.placing(at, unit)
    gallery = place([(-0.95, -0.62), (0.95, -0.62), (0.85, -0.42), (-0.85, -0.42)])
    roof = brush.curve(place([(-0.58, 0.5), (-0.42, 0.86), (0, 1.12), (0.42, 0.86), (0.58, 0.5)]))
    glass = place([(-0.48, -0.42), (-0.48, 0.52), (0.48, 0.52), (0.48, -0.42)])
    brush.paint(canvas, brush.polygon(shape, glass), "#ffe9b0")
    brush.paint(canvas, brush.polygon(shape, gallery, roof), "#28323d")
    bars = [place([(at, -0.42), (at, 0.52)]) for at in (-0.48, -0.16, 0.16, 0.48)] + [
        place([(0, 1.1), (0, 1.6)])
    ]
    rail = [
        place([(-0.9, -0.12), (0.9, -0.12)]),
        *(place([(at, -0.42), (at, -0.12)]) for at in np.linspace(-0.9, 0.9, 9)),
    ]
    brush.paint(canvas, brush.strokes(shape, bars, thick=width / 900), "#28323d")
    brush.paint(canvas, brush.strokes(shape, rail, thick=width / 1400), "#28323d", 0.9)
    windows = [
        place([(0.05, -y), (0.22, -y), (0.22, -y - 0.45), (0.05, -y - 0.45)])
        for y in (3.1, 6.0, 8.8)
    ]
    brush.paint(canvas, brush.polygon(shape, *windows), "#2b2f3a")


def _house(canvas: Canvas) -> None:
    height, width = shape = canvas.shape[:2]
    place = brush.placing((0.79 * width, 0.54 * height), width * 0.04)
    brush.paint(
        canvas, brush.polygon(shape, place([(-1, 0), (-1, 0.75), (0.2, 0.75), (0.2, 0)])), "#d9cfba"
    )
    brush.paint(
        canvas,
        brush.polygon(shape, place([(0.2, 0), (0.2, 0.75), (0.65, 1.32), (1.1, 0.75), (1.1, 0)])),
        "#7d7a74",
    )
    brush.paint(
        canvas,
        brush.polygon(shape, place([(-1.1, 0.72), (-0.65, 1.35), (0.65, 1.35), (0.16, 0.72)])),
        "#8a3d30",
    )
    brush.paint(
        canvas,
        brush.polygon(shape, place([(-0.5, 1.3), (-0.5, 1.62), (-0.3, 1.62), (-0.3, 1.3)])),
        "#6b3329",
    )
    panes = [
        place([(at, 0.25), (at, 0.52), (at + 0.2, 0.52), (at + 0.2, 0.25)])
        for at in (-0.8, -0.25, 0.55)
    ]
    brush.paint(canvas, brush.polygon(shape, *panes), "#ffd27a")
    for at in (-0.7, -0.15, 0.65):
        brush.glow(canvas, place([(at, 0.38)])[0], width * 0.007, "#ffb956", 0.5)


def beam(canvas: Canvas) -> None:
    """Sweep the lamp's light through the air, to both sides."""
    height, width = shape = canvas.shape[:2]
    x, y = LAMP[0] * width, LAMP[1] * height
    rows, columns = brush.grid(shape)
    for reach, strength, far_y, spread in ((-0.1, 0.62, 0.115, 0.055), (1.1, 0.4, 0.26, 0.04)):
        end = reach * width
        wedge = brush.polygon(
            shape,
            [
                (x, y - 2),
                (end, (far_y - spread) * height),
                (end, (far_y + spread) * height),
                (x, y + 2),
            ],
        )
        fade = np.exp(-np.hypot(columns - x, rows - y) / (width * 0.42))
        brush.light(canvas, brush.blur(wedge, width * 0.006) * fade, "#fff0c0", strength)
    brush.glow(canvas, (x, y), width * 0.045, "#ffe2a0", 0.9)
    brush.glow(canvas, (x, y), width * 0.012, "#fffbe8", 1.0)

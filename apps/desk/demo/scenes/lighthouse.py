"""A lighthouse in rough weather: a gap of gold under the clouds, and waves against the rock."""

from typing import NamedTuple

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice, Line, Mask
from apps.desk.demo.scenes.tower import beam, tower

SKY = [
    (0.0, "#16283c"),
    (0.35, "#2f5064"),
    (0.62, "#6f8a8a"),
    (0.8, "#d8b98c"),
    (0.92, "#ffd89a"),
    (1.0, "#ffc27a"),
]
SUN = 0.22


class Waves(NamedTuple):
    """A row of waves: where it runs, how high, how many, its crest and its trough, and how near it is."""

    base: float
    tall: float
    crowd: float
    crest: str
    trough: str
    near: int


# Far to near.
WAVES = (
    Waves(0.625, 0.006, 15.0, "#a9b09a", "#54777c", 0),
    Waves(0.655, 0.011, 10.0, "#8fa89c", "#3d6670", 1),
    Waves(0.70, 0.019, 7.0, "#7db0a6", "#2b5664", 2),
    Waves(0.765, 0.034, 4.6, "#6fb3ab", "#1f4858", 3),
    Waves(0.85, 0.052, 3.2, "#5ba8a4", "#173a4c", 4),
    Waves(0.97, 0.075, 2.1, "#458f92", "#0d2636", 5),
)
ROCK_BEHIND = 3


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Paint the coast."""
    height, width = shape
    horizon = round(height * 0.605)
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:horizon] = brush.sky(horizon, width, SKY)
    canvas[horizon:] = brush.rgb("#54777c")
    _clouds(canvas[:horizon], dice)
    _rays(canvas[:horizon], dice)
    for waves in WAVES:
        if waves.near == ROCK_BEHIND:
            _headland(canvas, dice)
            tower(canvas)
            _spray(canvas, dice, (0.54, 0.74), size=0.04)
        _row_of_waves(canvas, dice, waves)
    beam(canvas)
    _gulls(canvas)
    brush.bloom(canvas, above=0.76, radius=width * 0.02, strength=0.4)
    return canvas


def _clouds(sky: Canvas, dice: Dice) -> None:
    """Heap clouds that are dark above and catch the light from the gap on their undersides."""
    shape = height, width = sky.shape[:2]
    rows, columns = brush.grid(shape)
    high = rows / height
    for cells, base, spread, dark in (
        ((3, 2), 0.2, 0.35, "#1b2c3e"),
        ((6, 3), 0.5, 0.28, "#33495a"),
        ((12, 4), 0.72, 0.14, "#566a74"),
    ):
        body = brush.noise(shape, cells, dice, octaves=7)
        banks = np.clip((body - 0.4) * 3.4, 0, 1) * np.exp(-(((high - base) / spread) ** 2))
        under = np.clip(
            brush.blur(banks, 2) - np.roll(brush.blur(banks, 3), -round(height * 0.022), axis=0),
            0,
            1,
        )
        near_sun = np.exp(-(((columns / width - SUN) / 0.5) ** 2))
        brush.paint(sky, banks, dark, 0.8)
        brush.light(sky, under * (0.25 + near_sun) * (0.3 + high), "#ffc88c", 1.1)
    brush.glow(sky, (SUN * width, height * 0.97), width * 0.16, "#ffe2ac", 0.8)


def _rays(sky: Canvas, dice: Dice) -> None:
    shape = height, width = sky.shape[:2]
    fans = []
    for _ in range(9):
        lean, wide = dice.uniform(-0.3, 0.35), dice.uniform(0.01, 0.035)
        top, foot = SUN + lean * 0.35, SUN + lean
        fans.append(
            [
                (top * width, height * 0.35),
                ((top + wide * 0.4) * width, height * 0.35),
                ((foot + wide) * width, height),
                (foot * width, height),
            ]
        )
    rows, _ = brush.grid(shape)
    brush.light(
        sky,
        brush.blur(brush.polygon(shape, *fans), width * 0.006) * np.clip(rows / height - 0.3, 0, 1),
        "#ffe0a8",
        0.42,
    )


def _row_of_waves(canvas: Canvas, dice: Dice, waves: Waves) -> None:
    height, width = canvas.shape[:2]
    line = _swell(width, dice, waves.crowd) * -waves.tall * height + waves.base * height
    top, bottom = (
        int(line.min()) - 4,
        min(height, int((waves.base + waves.tall * 2.6 + 0.05) * height)),
    )
    part = canvas[top:bottom]
    shape = part.shape[:2]
    rows, columns = brush.grid(shape)
    down = (rows - (line - top)[None]) / (height * waves.tall * 1.7)
    crest, trough = brush.rgb(waves.crest), brush.rgb(waves.trough)
    body = crest + (trough - crest) * np.clip(down, 0, 1)[..., None] ** 0.7
    # Light comes through the thin top of a wave, and gold lies on those before the sun.
    before_sun = np.exp(-(((columns / width - SUN) / (0.16 + 0.05 * waves.near)) ** 2))
    gold = before_sun * np.exp(-np.clip(down, 0, None) * 2.5)
    body += gold[..., None] * brush.rgb("#ffcf90") * (0.5 - 0.055 * waves.near)
    streaks = brush.noise(shape, (7, 5 + max(0, 4 - waves.near)), dice, octaves=5)
    body *= (0.86 + 0.28 * streaks)[..., None]
    brush.paint(part, brush.below(shape, line - top, soft=1.5), np.clip(body, 0, 1))
    foam = _foam(shape, dice, down, waves.near)
    brush.paint(part, foam, "#eef2e6", 0.9)
    brush.light(part, foam * gold, "#ffe0b0", 0.8)


def _swell(width: int, dice: Dice, count: float) -> Line:
    """Draw a sea's line: round troughs, sharp crests, no two alike; 0 to 1."""
    wander = brush.ridge(width, dice, lumps=max(3, int(count)), octaves=3, rough=0.4)
    phase = np.linspace(0, np.pi * count, width) + wander * 2.4 + dice.uniform(0, 3)
    size = 0.35 + 0.65 * brush.ridge(width, dice, lumps=max(2, int(count * 0.8)), octaves=2)
    chop = brush.ridge(width, dice, lumps=int(count * 7), octaves=3) * 0.12
    return brush.floats((1 - np.abs(np.sin(phase)) ** 0.75) * size + chop)


def _foam(shape: tuple[int, int], dice: Dice, down: Mask, near: int) -> Mask:
    """Put caps on the crests, and lace that slides down behind them."""
    lumps = brush.noise(shape, (4, 26 - 3 * near), dice, octaves=5)
    cap = np.clip((0.16 * (lumps - 0.32) - down) * 22, 0, 1) * (down > -0.02)
    net = 1 - np.abs(2 * brush.noise(shape, (5, 20 - 2 * near), dice, octaves=4) - 1)
    lace = (
        np.clip(net * 6 - 5.1, 0, 1)
        * np.exp(-np.clip(down, 0, None) * 1.7)
        * (down > 0)
        * np.clip(lumps * 2 - 0.6, 0, 1)
    )
    return brush.floats(np.clip(cap + lace * 0.6, 0, 1))


ROCK = (
    (0.50, 0.80), (0.515, 0.735), (0.535, 0.72), (0.545, 0.675), (0.575, 0.655), (0.59, 0.60),
    (0.62, 0.585), (0.635, 0.545), (0.665, 0.53), (0.74, 0.525), (0.80, 0.535), (0.83, 0.52), (0.88, 0.53),
    (0.93, 0.505), (1.01, 0.51), (1.01, 0.86), (0.5, 0.86),
)  # fmt: skip


def _headland(canvas: Canvas, dice: Dice) -> None:
    height, width = canvas.shape[:2]
    left, top, bottom = int(width * 0.48), int(height * 0.49), int(height * 0.86)
    part = canvas[top:bottom, left:]
    shape = part.shape[:2]
    rows, _ = brush.grid(shape)
    jag = dice.normal(0, 0.003, (len(ROCK), 2))
    outline = [
        ((x + dx) * width - left, (y + dy) * height - top)
        for (x, y), (dx, dy) in zip(ROCK, jag, strict=True)
    ]
    relief = brush.noise(shape, (3, 11), dice, octaves=6)
    facing = np.gradient(brush.blur(relief, 3), axis=1) * width / 60
    cracks = np.clip(1 - np.abs(2 * brush.noise(shape, (3, 13), dice, octaves=5) - 1) * 9, 0, 1)
    tone = np.clip(0.34 + np.tanh(facing * 1.4) * 0.34 - 0.2 * cracks + 0.1 * relief, 0, 1)[
        ..., None
    ]
    stone = brush.rgb("#141d27") + (brush.rgb("#8f7d68") - brush.rgb("#141d27")) * tone
    stone += (brush.rgb("#223743") - stone) * np.clip(rows / shape[0] * 1.1 - 0.2, 0, 1)[..., None]
    grass = np.clip((height * 0.028 * (0.5 + relief) - (rows - _top_of(outline, shape))) / 6, 0, 1)[
        ..., None
    ]
    stone += (brush.rgb("#5d6a48") * (0.65 + 0.6 * tone) - stone) * grass * 0.85
    brush.paint(part, brush.polygon(shape, outline), np.clip(stone, 0, 1).astype(np.float32))


def _top_of(outline: brush.Points, shape: tuple[int, int]) -> Mask:
    edge = np.array(outline[:-2])
    return brush.floats(np.interp(np.arange(shape[1]), edge[:, 0], edge[:, 1])[None])


def _spray(canvas: Canvas, dice: Dice, at: tuple[float, float], *, size: float) -> None:
    """Throw water up where a wave meets the rock: jets that fall apart into drops, and mist around them."""
    height, width = canvas.shape[:2]
    part, (x, y) = brush.around(canvas, (at[0] * width, at[1] * height), width * size * 4)
    jets = dice.uniform(np.pi * 1.08, np.pi * 1.92, 34)
    turn = dice.choice(jets, 2600) + dice.normal(0, 0.035, 2600)
    far = dice.beta(1.1, 2.6, 2600) * width * size * (1.6 + 1.3 * np.sin(turn * 37) ** 2)
    columns = np.clip(x + np.cos(turn) * far * 0.95, 0, part.shape[1] - 1).astype(int)
    rows = np.clip(y + np.sin(turn) * far * 1.3, 0, part.shape[0] - 1).astype(int)
    drops = np.zeros(part.shape[:2], np.float32)
    np.add.at(drops, (rows, columns), 1)
    lumps = brush.noise(part.shape[:2], (9, 9), dice, octaves=4)
    for spread, much, strength in ((0.012, 90.0, 0.55), (0.004, 14.0, 0.75), (0.0008, 1.6, 0.85)):
        cloud = 1 - np.exp(-brush.blur(drops, width * spread) * much * (0.15 + lumps))
        brush.light(part, cloud, "#eef2ea", strength)


def _gulls(canvas: Canvas) -> None:
    height, width = shape = canvas.shape[:2]
    wing = [(-1, 0.1), (-0.5, 0.38), (0, 0), (0.5, 0.34), (1, 0.02)]
    flock = (
        (0.36, 0.36, 0.016),
        (0.42, 0.32, 0.011),
        (0.31, 0.42, 0.009),
        (0.53, 0.27, 0.012),
        (0.47, 0.41, 0.008),
    )
    lines = [
        brush.curve(brush.placing((x * width, y * height), size * width)(wing))
        for x, y, size in flock
    ]
    brush.paint(canvas, brush.strokes(shape, lines, thick=width / 760), "#f4efe2", 0.9)

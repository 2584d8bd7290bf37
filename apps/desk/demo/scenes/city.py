"""A city street in the rain at night: neon, wet asphalt, somebody under an umbrella."""

import cv2
import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice, Mask

VANISHING = (0.47, 0.56)
# How steeply the kerb falls away from the vanishing point, as a share of height per width.
SLOPE = 0.125 * 1.55 / 0.62
NEON = ("#ff2e88", "#19e3ff", "#ffb02e", "#8a5bff", "#ff4d4d", "#34f5c5", "#ff66c4")


def draw(shape: tuple[int, int], dice: Dice) -> Canvas:
    """Paint the street."""
    height, width = shape
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = brush.sky(
        height, width, [(0, "#070b1f"), (0.3, "#101a3c"), (0.5, "#2b2a5e"), (0.58, "#6b3a78"), (1, "#0a0d1e")]
    )
    _far_air(canvas, dice)
    for depth in DEPTHS:
        _block(canvas, dice, depth, side=-1)
        _block(canvas, dice, depth, side=1)
        _fog(canvas)
    _wires(canvas)
    _wet_street(canvas, dice)
    _crosswalk(canvas)
    _walker(canvas)
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


def _block(canvas: Canvas, dice: Dice, depth: float, *, side: int) -> None:
    """One house: a front that runs towards the vanishing point, its windows, and what shines on it."""
    height, width = canvas.shape[:2]
    vx, vy = VANISHING[0] * width, VANISHING[1] * height
    near_x = vx + side * depth * width * 0.62
    far_x = vx + side * depth * width * 0.40
    roof = vy - height * (0.30 + dice.uniform(-0.06, 0.16)) * (depth * 1.55)
    floor = vy + height * 0.125 * depth * 1.55
    roof_far = vy + (roof - vy) * 0.66
    floor_far = vy + (floor - vy) * 0.66
    out = 0 if side < 0 else width
    wall = [(far_x, roof_far), (near_x, roof), (near_x, floor), (far_x, floor_far)]
    end = [(near_x, roof), (out, roof), (out, floor + height * 0.2), (near_x, floor)]
    dark = 1 - depth
    tone = brush.rgb("#0b0f26") * (1 - dark * 0.6) + brush.rgb("#4b3270") * dark * 0.6
    flat = (float(tone[0]), float(tone[1]), float(tone[2]))
    shape = (height, width)
    brush.paint(canvas, brush.polygon(shape, end), flat)
    brush.paint(canvas, brush.polygon(shape, wall), (flat[0] * 1.25, flat[1] * 1.25, flat[2] * 1.3))
    _windows(canvas, dice, wall, depth)
    _shop(canvas, dice, wall, depth)
    _signs(canvas, dice, wall, depth, side)


def _on_wall(wall: brush.Points, along: float, up: float) -> tuple[float, float]:
    """Find a place on a wall: `along` from far to near, `up` from its floor to its roof."""
    (fx, ftop), (nx, ntop), (_, nfloor), (_, ffloor) = wall
    # Equal steps on the house are smaller steps on the picture the farther they are.
    share = along / (along + (1 - along) * 1.5)
    x = fx + (nx - fx) * share
    top, floor = ftop + (ntop - ftop) * share, ffloor + (nfloor - ffloor) * share
    return x, floor + (top - floor) * up


def _pane(wall: brush.Points, along: float, up: float, wide: float, tall: float) -> brush.Points:
    return [
        _on_wall(wall, along, up),
        _on_wall(wall, along + wide, up),
        _on_wall(wall, along + wide, up + tall),
        _on_wall(wall, along, up + tall),
    ]


def _windows(canvas: Canvas, dice: Dice, wall: brush.Points, depth: float) -> None:
    floors, columns = 13, 6
    panes: dict[str, list[brush.Points]] = {"#ffcf8a": [], "#ffb56b": [], "#8fb7ff": [], "#2b3566": []}
    for floor in range(2, floors):
        for column in range(columns):
            draw_ = dice.random()
            tone = (
                "#ffcf8a"
                if draw_ < 0.13
                else "#ffb56b"
                if draw_ < 0.22
                else "#8fb7ff"
                if draw_ < 0.27
                else "#2b3566"
            )
            panes[tone].append(
                _pane(wall, (column + 0.2) / columns, (floor + 0.2) / floors, 0.58 / columns, 0.56 / floors)
            )
    for tone, group in panes.items():
        if group:
            brush.paint(
                canvas, brush.polygon(canvas.shape[:2], *group), tone, 0.42 if tone == "#2b3566" else 0.78
            )


def _shop(canvas: Canvas, dice: Dice, wall: brush.Points, depth: float) -> None:
    """The ground floor: a lit shop window under an awning."""
    tone = str(dice.choice(["#ffdca0", "#ffd0d8", "#bfefff"]))
    shape = canvas.shape[:2]
    window = brush.polygon(shape, _pane(wall, 0.08, 0.02, 0.84, 0.105))
    brush.paint(canvas, window, tone, 0.85)
    bars = [[_on_wall(wall, at, 0.02), _on_wall(wall, at, 0.125)] for at in np.linspace(0.08, 0.92, 6)]
    brush.paint(canvas, brush.strokes(shape, bars, thick=shape[1] * 0.004 * depth), "#1a1633", 0.8)
    goods = [_pane(wall, dice.uniform(0.1, 0.85), 0.02, 0.04, dice.uniform(0.02, 0.06)) for _ in range(9)]
    brush.paint(canvas, brush.polygon(shape, *goods), "#5a3550", 0.6)
    brush.paint(
        canvas, brush.polygon(shape, _pane(wall, 0.03, 0.125, 0.94, 0.022)), str(dice.choice(NEON)), 0.75
    )
    brush.light(canvas, brush.blur(window, shape[1] * 0.04 * depth), tone, 0.45)


def _signs(canvas: Canvas, dice: Dice, wall: brush.Points, depth: float, side: int) -> None:
    """Neon that stands out from the wall into the street: a frame, and strokes like letters in it."""
    width = canvas.shape[1]
    for along in (0.25, 0.8):
        colour = str(dice.choice(NEON))
        foot = dice.uniform(0.16, 0.45)
        x, bottom = _on_wall(wall, along, foot)
        _, top = _on_wall(wall, along, foot + dice.uniform(0.13, 0.36))
        wide = -side * width * 0.085 * depth * dice.uniform(0.8, 1.3)
        if top > canvas.shape[0] or abs(wide) < 2:
            continue
        _sign(canvas, dice, (x, top, x + wide, bottom), colour, depth)


def _sign(
    canvas: Canvas, dice: Dice, box: tuple[float, float, float, float], colour: str, depth: float
) -> None:
    thick = canvas.shape[1] * 0.0065 * depth
    # Only the sign's surroundings are touched: blurring the whole street for each would take seconds.
    margin = int(thick * 24) + 8
    aside, over = max(0, int(min(box[0], box[2])) - margin), max(0, int(box[1]) - margin)
    near = canvas[over : int(box[3]) + margin, aside : int(max(box[0], box[2])) + margin]
    left, right = min(box[0], box[2]) - aside, max(box[0], box[2]) - aside
    top, bottom, shape = box[1] - over, box[3] - over, near.shape[:2]
    wide, count = right - left, max(1, int((box[3] - box[1]) / (right - left)))
    tall = (bottom - top) / count
    places = [(left + wide * 0.24, top + (number + 0.22) * tall) for number in range(count)]
    glyphs = [line for place in places for line in _glyph(dice, place, wide * 0.52, tall * 0.6)]
    frame = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    brush.paint(near, brush.polygon(shape, frame), "#0a0a1c", 0.85)
    tubes = brush.strokes(shape, [frame, *glyphs], thick=thick)
    brush.light(near, brush.blur(tubes, thick * 6 + 2), colour, 1.5)
    brush.light(near, brush.blur(tubes, thick * 1.6 + 0.6), colour, 1.2)
    brush.paint(near, tubes, _paler(colour))


def _paler(colour: str) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in brush.rgb(colour) * 0.45 + 0.55)
    return red, green, blue


def _glyph(dice: Dice, at: tuple[float, float], wide: float, tall: float) -> list[brush.Points]:
    """Strokes that look like writing from across the street, and say nothing."""
    x, y = at
    spots = [(x + wide * column / 2, y + tall * row / 2) for row in range(3) for column in range(3)]
    pairs = [(0, 2), (3, 5), (6, 8), (0, 6), (1, 7), (2, 8), (4, 6), (4, 8), (1, 4)]
    chosen = dice.choice(len(pairs), size=4, replace=False)
    return [[spots[pairs[at][0]], spots[pairs[at][1]]] for at in chosen]


def _fog(canvas: Canvas) -> None:
    height, width = canvas.shape[:2]
    rows, columns = brush.grid((height, width))
    haze = np.exp(
        -(((rows / height - VANISHING[1]) / 0.22) ** 2) - ((columns / width - VANISHING[0]) / 0.5) ** 2
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
    source = [(columns + shift * 0.5).astype(np.float32), (top + 2 * kerb - rows + shift).astype(np.float32)]
    picture = cv2.remap(canvas, *source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    streaks = brush.blur(picture, width * 0.007, height * 0.04)
    puddles = brush.blur(np.clip(brush.noise(shape, (7, 4), dice, octaves=4) * 4 - 1.7, 0, 1), 2)[..., None]
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


def _walker(canvas: Canvas) -> None:
    """Somebody walks home: coat, umbrella, and a reflection that follows."""
    shape = height, width = canvas.shape[:2]
    x, foot, tall = width * 0.53, height * 0.865, height * 0.205

    def place(points: brush.Points) -> list[tuple[float, float]]:
        return [(x + px * tall, foot - py * tall) for px, py in points]

    coat = [
        (-0.125, 0.235),
        (-0.1, 0.45),
        (-0.1, 0.6),
        (-0.06, 0.69),
        (0.06, 0.69),
        (0.1, 0.6),
        (0.1, 0.45),
        (0.135, 0.24),
    ]
    body = brush.curve(place([*coat, (0.0, 0.215)]), closed=True)
    legs = [
        brush.curve(
            place([(-0.075, 0.26), (-0.07, 0.1), (-0.085, 0.0), (-0.03, 0.0), (-0.018, 0.12), (-0.01, 0.26)])
        ),
        brush.curve(
            place([(0.015, 0.26), (0.03, 0.13), (0.035, 0.03), (0.085, 0.04), (0.08, 0.14), (0.085, 0.26)])
        ),
    ]
    bag = place([(0.1, 0.36), (0.19, 0.34), (0.2, 0.22), (0.11, 0.23)])
    figure = brush.polygon(shape, body, *legs, bag)
    arch = [(0.4 * np.cos(t), 0.6 + 0.29 * np.sin(t)) for t in np.linspace(0, np.pi, 40)]
    hem = [
        (-0.4 + 0.2 * (at + t), 0.6 + 0.055 * np.sin(np.pi * t))
        for at in range(4)
        for t in np.linspace(0, 1, 12)
    ]
    lean = [(px * 0.985 + (py - 0.6) * 0.16 + 0.02, py - px * 0.13) for px, py in [*arch, *hem]]
    canopy = brush.polygon(shape, place(lean))
    tip = brush.strokes(shape, [place([(0.062, 0.86), (0.078, 0.945)])], thick=tall * 0.012)
    _cast(canvas, np.maximum(figure, canopy), round(foot))
    brush.glow(canvas, (x, foot - tall * 0.5), tall * 0.32, "#ff86c0", 0.22)
    _rimmed(canvas, figure, "#090a18", tall * 0.6)
    brush.paint(canvas, tip, "#2a0714")
    _rimmed(canvas, canopy, "#c21545", tall)
    ends = [(at * 0.2, 0.6) for at in (-1, 0, 1)]
    ribs = [[(0.0, 0.89), (px * 0.62, 0.82 - abs(px) * 0.25), (px, py)] for px, py in ends]
    leant = [[(px * 0.985 + (py - 0.6) * 0.16 + 0.02, py - px * 0.13) for px, py in rib] for rib in ribs]
    shade = brush.polygon(shape, place(lean[20:40] + leant[1][::-1]))
    brush.shade(canvas, shade * canopy, "#8a5a86", 0.55)
    brush.paint(
        canvas,
        brush.strokes(shape, [brush.curve(place(rib)) for rib in leant], thick=tall * 0.006),
        "#5c0a28",
        0.7,
    )


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
            [(x + size * np.cos(t), y * height + size * 0.28 * np.sin(t)) for t in np.linspace(0, 6.3, 18)]
        )
    brush.light(canvas, brush.strokes(shape, rings, thick=width / 1500), "#dfe6ff", 0.45)

"""The houses of a night street: fronts that run to the vanishing point, lit windows, shops and neon."""

import numpy as np

from apps.desk.demo.scenes import brush
from apps.desk.demo.scenes.brush import Canvas, Dice

VANISHING = (0.47, 0.56)
# How steeply the kerb falls away from the vanishing point, as a share of height per width.
SLOPE = 0.125 * 1.55 / 0.62
NEON = ("#ff2e88", "#19e3ff", "#ffb02e", "#8a5bff", "#ff4d4d", "#34f5c5", "#ff66c4")


def block(canvas: Canvas, dice: Dice, depth: float, *, side: int) -> None:
    """Build one house: a front that runs towards the vanishing point, its windows, and what shines on it."""
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
    _windows(canvas, dice, wall)
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


def _windows(canvas: Canvas, dice: Dice, wall: brush.Points) -> None:
    floors, columns = 13, 6
    panes: dict[str, list[brush.Points]] = {
        "#ffcf8a": [],
        "#ffb56b": [],
        "#8fb7ff": [],
        "#2b3566": [],
    }
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
                _pane(
                    wall,
                    (column + 0.2) / columns,
                    (floor + 0.2) / floors,
                    0.58 / columns,
                    0.56 / floors,
                )
            )
    for tone, group in panes.items():
        if group:
            brush.paint(
                canvas,
                brush.polygon(canvas.shape[:2], *group),
                tone,
                0.42 if tone == "#2b3566" else 0.78,
            )


def _shop(canvas: Canvas, dice: Dice, wall: brush.Points, depth: float) -> None:
    """Fill the ground floor: a lit shop window under an awning."""
    tone = str(dice.choice(["#ffdca0", "#ffd0d8", "#bfefff"]))
    shape = canvas.shape[:2]
    window = brush.polygon(shape, _pane(wall, 0.08, 0.02, 0.84, 0.105))
    brush.paint(canvas, window, tone, 0.85)
    bars = [
        [_on_wall(wall, at, 0.02), _on_wall(wall, at, 0.125)] for at in np.linspace(0.08, 0.92, 6)
    ]
    brush.paint(canvas, brush.strokes(shape, bars, thick=shape[1] * 0.004 * depth), "#1a1633", 0.8)
    goods = [
        _pane(wall, dice.uniform(0.1, 0.85), 0.02, 0.04, dice.uniform(0.02, 0.06)) for _ in range(9)
    ]
    brush.paint(canvas, brush.polygon(shape, *goods), "#5a3550", 0.6)
    brush.paint(
        canvas,
        brush.polygon(shape, _pane(wall, 0.03, 0.125, 0.94, 0.022)),
        str(dice.choice(NEON)),
        0.75,
    )
    brush.light(canvas, brush.blur(window, shape[1] * 0.04 * depth), tone, 0.45)


def _signs(canvas: Canvas, dice: Dice, wall: brush.Points, depth: float, side: int) -> None:
    """Hang neon that stands out from the wall into the street: a frame, and strokes like letters in it."""
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
    # Only the sign's surroundings are touched: blurring the whole street for each would take
    # seconds.
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
    """Draw strokes that look like writing from across the street, and say nothing."""
    x, y = at
    spots = [(x + wide * column / 2, y + tall * row / 2) for row in range(3) for column in range(3)]
    pairs = [(0, 2), (3, 5), (6, 8), (0, 6), (1, 7), (2, 8), (4, 6), (4, 8), (1, 4)]
    chosen = dice.choice(len(pairs), size=4, replace=False)
    return [[spots[pairs[at][0]], spots[pairs[at][1]]] for at in chosen]

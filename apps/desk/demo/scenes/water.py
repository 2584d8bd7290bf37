"""Still and moving water that mirrors what stands above it."""

import cv2
import numpy as np

from apps.desk.demo.scenes.brush import Canvas, Colour, Dice, Mask, blur, grid, light, noise, paint, rgb


def ripples(shape: tuple[int, int], dice: Dice, *, size: float = 1.0, near: float = 0.06) -> Mask:
    """Waves seen at a low angle: wide and large at the bottom, fine and flat near the horizon; -1 to 1."""
    height, width = shape
    sheet = noise((1024, 1024), (12, 6), dice, octaves=5)
    rows, columns = grid(shape)
    depth = 1 / (rows / height + near)
    across = (columns / width - 0.5) * depth * 80 / size + 512
    along = depth * 420 / size
    mapped = cv2.remap(
        sheet,
        across.astype(np.float32),
        np.broadcast_to(along, across.shape).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return (mapped * 2 - 1).astype(np.float32)


def mirror(
    canvas: Canvas, horizon: int, waves: Mask, *, sway: float, tint: Colour, depth: float = 0.35
) -> None:
    """Fill what lies under the horizon with a broken reflection of what stands over it."""
    water = canvas[horizon:]
    height, width = water.shape[:2]
    rows, columns = grid((height, width))
    near = rows / height
    y = horizon - 1 - rows * min(1.0, (horizon - 1) / height) - np.abs(waves) * sway * (0.15 + near)
    x = columns + waves * sway * 0.35 * near
    image = blur(canvas[:horizon], 0.6, 2.5)
    shown = cv2.remap(
        image, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    water[:] = shown
    paint(
        water,
        np.broadcast_to(depth * (0.35 + 0.65 * near), (height, width)),
        np.broadcast_to(rgb(tint), water.shape),
    )


def glitter(
    canvas: Canvas, horizon: int, waves: Mask, x: float, *, width: float, colour: Colour, strength: float
) -> None:
    """Lay the broken path of a low sun, or a moon, on the water."""
    water = canvas[horizon:]
    height = water.shape[0]
    rows, columns = grid(water.shape[:2])
    near = rows / height
    path = np.exp(-(((columns - x) / (width * (0.35 + 1.6 * near))) ** 2))
    sparks = np.clip((waves - 0.12 + 0.25 * path) * 3.2, 0, 1) * path
    light(water, sparks * (1 - near) ** 1.3, colour, strength)

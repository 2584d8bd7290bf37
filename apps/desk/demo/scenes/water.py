"""Still and moving water that mirrors what stands above it."""

from dataclasses import dataclass

import cv2
import numpy as np

from apps.desk.demo.scenes.brush import Canvas, Colour, Dice, Mask, blur, grid, light, noise, paint


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


def mirror(canvas: Canvas, waves: Mask, *, sway: float, tint: Colour, depth: float = 0.35) -> None:
    """Fill the water with a broken reflection of what stands above it."""
    horizon = canvas.shape[0] - waves.shape[0]
    water = canvas[horizon:]
    rows, columns = grid(waves.shape)
    near = rows / waves.shape[0]
    y = (
        horizon
        - 1
        - rows * min(1.0, (horizon - 1) / waves.shape[0])
        - np.abs(waves) * sway * (0.15 + near)
    )
    x = columns + waves * sway * 0.35 * near
    source = blur(canvas[:horizon], 0.6, 2.5), x.astype(np.float32), y.astype(np.float32)
    water[:] = cv2.remap(*source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    deep = np.broadcast_to(depth * (0.35 + 0.65 * near), waves.shape)
    paint(water, np.ascontiguousarray(deep, np.float32), tint)


@dataclass(frozen=True, slots=True)
class Shine:
    """The light that lies on water: where it comes from, how broad its path is, and of what colour."""

    x: float
    width: float
    colour: str
    strength: float


def glitter(canvas: Canvas, waves: Mask, shine: Shine) -> None:
    """Lay the broken path of a low sun, or a moon, on the water."""
    water = canvas[-waves.shape[0] :]
    rows, columns = grid(waves.shape)
    near = rows / waves.shape[0]
    path = np.exp(-(((columns - shine.x) / (shine.width * (0.35 + 1.6 * near))) ** 2))
    sparks = np.clip((waves - 0.12 + 0.25 * path) * 3.2, 0, 1) * path
    light(water, sparks * (1 - near) ** 1.3, shine.colour, shine.strength)

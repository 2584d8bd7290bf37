"""Full frames from coarse fields: the canvas bent once per plane, then veils and weather over it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Bytes, Field
from apps.animator.veils import Veil
from apps.animator.warp import CELL, FPS, Stage
from apps.animator.weather import Falling


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything a frame is drawn from."""

    stage: Stage
    fields: Sequence[Field]
    veils: Sequence[Veil]
    weather: Sequence[Falling]


def frames_of(scene: Scene) -> Iterator[Bytes]:
    """Draw the frames one after the other as NV12: the luma, then the chroma interleaved at half size."""
    width, height = scene.stage.size
    for number, field in enumerate(scene.fields):
        frame = np.empty((height * 3 // 2, width), np.uint8)
        luma, chroma = frame[:height], frame[height:].reshape(height // 2, width // 2, 2)
        _bend(scene.stage.canvas.luma, field, CELL, luma)
        # Chroma has half the texels: half the coordinates, and the half texel its centres are off
        # by.
        _bend(
            scene.stage.canvas.chroma, field * np.float32(0.5) - np.float32(0.25), CELL // 2, chroma
        )
        for veil in scene.veils:
            veil.lay(luma, chroma, _units(scene.stage, field), number / FPS)
        for thing in scene.weather:
            thing.lay(luma, chroma, number / FPS)
        yield frame


def _bend(source: Bytes, field: Field, cell: int, target: Bytes) -> None:
    """Stretch the field from its nodes to every pixel, and fetch what it points at."""
    rows, columns = target.shape[:2]
    full = (field.shape[2] * cell, field.shape[1] * cell)
    x, y = (cv2.resize(plane, full)[cell : cell + rows, cell : cell + columns] for plane in field)
    cv2.remap(source, x, y, cv2.INTER_LINEAR, dst=target, borderMode=cv2.BORDER_REFLECT_101)


def _units(stage: Stage, field: Field) -> Field:
    centre = np.array(stage.canvas.centre, np.float32).reshape(2, 1, 1) - np.float32(0.5)
    return (field - centre) / np.float32(stage.unit * stage.canvas.scale)

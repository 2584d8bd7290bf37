"""Render full frames: warp the canvas by coarse fields, then draw veils and weather."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Bytes, Field
from apps.animator.veils import Veil
from apps.animator.warp import CELL_PIXELS, FPS, Stage
from apps.animator.weather import WeatherEffect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything that a frame is rendered from."""

    stage: Stage
    fields: Sequence[Field]
    veils: Sequence[Veil]
    weather: Sequence[WeatherEffect]


def frames_of(scene: Scene) -> Iterator[Bytes]:
    """Yield the frames as NV12: luma, then interleaved chroma at half size."""
    width, height = scene.stage.size
    for number, field in enumerate(scene.fields):
        frame = np.empty((height * 3 // 2, width), np.uint8)
        luma = frame[:height]
        chroma = frame[height:].reshape(height // 2, width // 2, 2)
        _bend(scene.stage.canvas.luma, field, CELL_PIXELS, luma)
        # Chroma has half the texels: coordinates are halved and shifted by half a texel.
        _bend(
            scene.stage.canvas.chroma,
            field * np.float32(0.5) - np.float32(0.25),
            CELL_PIXELS // 2,
            chroma,
        )
        for veil in scene.veils:
            veil.draw(luma, chroma, _units(scene.stage, field), number / FPS)
        for thing in scene.weather:
            thing.draw(luma, chroma, number / FPS)
        yield frame


def _bend(source: Bytes, field: Field, cell: int, target: Bytes) -> None:
    """Interpolate the field from its nodes to every pixel, and sample the source there."""
    rows, columns = target.shape[:2]
    full = (field.shape[2] * cell, field.shape[1] * cell)
    x, y = (cv2.resize(plane, full)[cell : cell + rows, cell : cell + columns] for plane in field)
    cv2.remap(source, x, y, cv2.INTER_LINEAR, dst=target, borderMode=cv2.BORDER_REFLECT_101)


def _units(stage: Stage, field: Field) -> Field:
    centre = np.array(stage.canvas.centre, np.float32).reshape(2, 1, 1) - np.float32(0.5)
    return (field - centre) / np.float32(stage.unit * stage.canvas.scale)

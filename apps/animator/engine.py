"""The embedded engine: a still picture and motion words become a short clip, in four steps.

Features of the picture, keyframes of the camera, frames in between, all conditioned by how much
motion is wanted. It is a motion sketch made by geometry and light, not by a generative model, and
says so in its files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from apps.animator.camera import in_between
from apps.animator.canvas import graded, stretch
from apps.animator.encode import encode
from apps.animator.features import features_of
from apps.animator.keyframes import plan
from apps.animator.layers import layers_of
from apps.animator.render import Scene, frames_of
from apps.animator.veils import veils_of
from apps.animator.warp import Stage, fields_of
from apps.animator.weather import weather_of
from apps.animator.words import Element, understand
from apps.core.errors import DomainError

FRAMES = 125
# Weather changes the light it falls through: how much darker and how much greyer.
MOODS = {
    Element.RAIN: (0.2, 0.28),
    Element.SNOW: (0.08, 0.2),
    Element.FOG: (0.0, 0.25),
    Element.LIGHTNING: (0.15, 0.1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """What moves, how much, and who decides."""

    prompt: str = ""
    level: Literal["low", "high"] = "low"
    manner: Literal["automatic", "manual"] = "automatic"
    seed: int = 0
    frames: int = FRAMES


def animate(picture: np.ndarray, target: Path, *, size: tuple[int, int], motion: Motion) -> None:
    """Write a finished mp4 to `target`, 125 frames where nobody asks for others; same inputs, same bytes."""
    _check(picture, size)
    encode(frames_of(scene_of(picture, size, motion)), Path(target), size)


def scene_of(picture: np.ndarray, size: tuple[int, int], motion: Motion) -> Scene:
    """Decide everything about a clip before its first frame is drawn."""
    canvas = stretch(picture, size)
    features = features_of(canvas.picture)
    wish = understand(motion.prompt)
    seed = abs(motion.seed)
    planned = plan(
        features,
        wish,
        high=motion.level == "high",
        automatic=motion.manner == "automatic",
        seed=seed,
    )
    for element in planned.elements:
        if element in MOODS:
            dim, pale = MOODS[element]
            canvas = graded(canvas, dim=dim, pale=pale)
    stage = Stage(features=features, canvas=canvas, size=size)
    layers = layers_of(stage.features, planned.elements, planned.strength, seed, stage.focus)
    return Scene(
        stage=stage,
        fields=fields_of(stage, layers, in_between(planned.tracks, motion.frames)),
        veils=veils_of(stage, planned.elements, planned.strength, seed),
        weather=weather_of(planned.elements, size, planned.strength, seed),
    )


def _check(picture: np.ndarray, size: tuple[int, int]) -> None:
    if (
        picture.dtype != np.uint8
        or picture.ndim != 3
        or picture.shape[2] != 3
        or 0 in picture.shape
    ):
        raise DomainError("A picture must be given as rows of RGB pixels, one byte per channel.")
    if any(side % 2 or side < 32 for side in size):
        raise DomainError("The width and height of a clip must be even and at least 32 pixels.")

"""The embedded engine: make a short clip from a still picture and a motion prompt.

Its steps are features of the picture, keyframes of the camera, frames in between, and encoding. The
result is a motion sketch by geometry and light, not by a generative model; its files say so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from apps.animator.camera import interpolate
from apps.animator.canvas import grade, make_canvas
from apps.animator.encode import encode
from apps.animator.features import features_of
from apps.animator.keyframes import plan_motion
from apps.animator.layers import layers_of
from apps.animator.prompt_parser import Element, parse_prompt
from apps.animator.render import Scene, frames_of
from apps.animator.veils import veils_of
from apps.animator.warp import Stage, fields_of
from apps.animator.weather import weather_of
from apps.core.errors import DomainError

FRAMES = 125
# Weather changes the light: how much darker, and how much greyer.
GRADING = {
    Element.RAIN: (0.2, 0.28),
    Element.SNOW: (0.08, 0.2),
    Element.FOG: (0.0, 0.25),
    Element.LIGHTNING: (0.15, 0.1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """The request: prompt, amount of motion, and whether the engine may add to the prompt."""

    prompt: str = ""
    level: Literal["low", "high"] = "low"
    manner: Literal["automatic", "manual"] = "automatic"
    seed: int = 0
    frames: int = FRAMES


def animate(picture: np.ndarray, target: Path, *, size: tuple[int, int], motion: Motion) -> None:
    """Write an MP4 file to `target`; equal arguments give equal bytes."""
    _require_valid(picture, size)
    encode(frames_of(scene_of(picture, size, motion)), Path(target), size)


def scene_of(picture: np.ndarray, size: tuple[int, int], motion: Motion) -> Scene:
    """Decide everything about a clip before its first frame is rendered."""
    canvas = make_canvas(picture, size)
    features = features_of(canvas.picture)
    parsed = parse_prompt(motion.prompt)
    seed = abs(motion.seed)
    motion_plan = plan_motion(
        features,
        parsed,
        high=motion.level == "high",
        automatic=motion.manner == "automatic",
        seed=seed,
    )
    for element in motion_plan.elements:
        if element in GRADING:
            dim, pale = GRADING[element]
            canvas = grade(canvas, dim=dim, pale=pale)
    stage = Stage(features=features, canvas=canvas, size=size)
    layers = layers_of(
        stage.features, motion_plan.elements, motion_plan.strength, seed, stage.focus
    )
    return Scene(
        stage=stage,
        fields=fields_of(stage, layers, interpolate(motion_plan.tracks, motion.frames)),
        veils=veils_of(stage, motion_plan.elements, motion_plan.strength, seed),
        weather=weather_of(motion_plan.elements, size, motion_plan.strength, seed),
    )


def _require_valid(picture: np.ndarray, size: tuple[int, int]) -> None:
    if (
        picture.dtype != np.uint8
        or picture.ndim != 3
        or picture.shape[2] != 3
        or 0 in picture.shape
    ):
        raise DomainError("A picture must be given as rows of RGB pixels, one byte per channel.")
    if any(side % 2 or side < 32 for side in size):
        raise DomainError("The width and height of a clip must be even and at least 32 pixels.")

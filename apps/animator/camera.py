"""Camera poses, tracks of keyframes, and smooth interpolation between them (step three)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from apps.animator.arrays import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """The position of the camera; lengths are in units of the square root of the frame's area."""

    x: float = 0.0  # rotation to the right
    y: float = 0.0  # rotation downwards
    zoom: float = 0.0  # logarithm of the magnification
    roll: float = 0.0  # radians, clockwise
    truck: float = 0.0  # movement to the right, with parallax
    lift: float = 0.0  # movement downwards, with parallax
    push: float = 0.0  # movement forwards, with parallax

    def __add__(self, other: "Pose") -> "Pose":
        return Pose(**{name: getattr(self, name) + getattr(other, name) for name in AXES})

    def __mul__(self, factor: float) -> "Pose":
        return Pose(**{name: getattr(self, name) * factor for name in AXES})


AXES = tuple(field.name for field in fields(Pose))


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A pose at a time between 0, the first frame, and 1, the last."""

    at: float
    pose: Pose


Track = Sequence[Keyframe]


def interpolate(tracks: Sequence[Track], frames: int) -> list[Pose]:
    """Return one pose per frame: the sum of all interpolated tracks."""
    moments = np.linspace(0, 1, frames)
    total = np.zeros((frames, len(AXES)))
    for track in tracks:
        total += _ease(track, moments)
    return [Pose(**dict(zip(AXES, map(float, row), strict=True))) for row in total]


def _ease(track: Track, moments: Numbers) -> Numbers:
    """Interpolate a track by cubic curves without overshoot, at rest at both ends."""
    at = np.array([key.at for key in track])
    values = np.array([[getattr(key.pose, axis) for axis in AXES] for key in track])
    if len(track) == 1:
        return np.repeat(values, len(moments), axis=0)
    slopes = _slopes(at, values)
    left = np.clip(np.searchsorted(at, moments, side="right") - 1, 0, len(at) - 2)
    span = at[left + 1] - at[left]
    s = ((moments - at[left]) / span)[:, None]
    here = values[left]
    there = values[left + 1]
    leave = slopes[left] * span[:, None]
    arrive = slopes[left + 1] * span[:, None]
    return (
        (2 * s**3 - 3 * s**2 + 1) * here
        + (s**3 - 2 * s**2 + s) * leave
        + (3 * s**2 - 2 * s**3) * there
        + (s**3 - s**2) * arrive
    )


def _slopes(at: Numbers, values: Numbers) -> Numbers:
    """Return the speed at each keyframe: zero at ends and turns, else the harmonic mean."""
    steps = np.diff(values, axis=0) / np.diff(at)[:, None]
    slopes = np.zeros_like(values)
    before = steps[:-1]
    after = steps[1:]
    onward = before * after > 0
    mean = np.divide(2 * before * after, before + after, out=np.zeros_like(before), where=onward)
    slopes[1:-1] = mean
    return slopes

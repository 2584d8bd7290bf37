"""Poses of the camera, tracks of a few keyframes, and the smooth way between them (step three)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from apps.animator.arrays import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where the camera stands; lengths are shares of the frame's size, the square root of its area."""

    x: float = 0.0  # turned right
    y: float = 0.0  # turned down
    zoom: float = 0.0  # logarithm of the magnification
    roll: float = 0.0  # radians, clockwise
    truck: float = 0.0  # moved right: near things pass faster than far ones
    lift: float = 0.0  # moved down, likewise
    push: float = 0.0  # moved forward: near things grow faster

    def __add__(self, other: "Pose") -> "Pose":
        return Pose(**{name: getattr(self, name) + getattr(other, name) for name in AXES})

    def scaled(self, factor: float) -> "Pose":
        """Return the same move, larger or smaller."""
        return Pose(**{name: getattr(self, name) * factor for name in AXES})


AXES = tuple(field.name for field in fields(Pose))


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A pose at a moment: 0 is the first frame, 1 the last."""

    at: float
    pose: Pose


Track = Sequence[Keyframe]


def in_between(tracks: Sequence[Track], frames: int) -> list[Pose]:
    """Return one pose per frame: the tracks, each eased from keyframe to keyframe, added up."""
    moments = np.linspace(0, 1, frames)
    total = np.zeros((frames, len(AXES)))
    for track in tracks:
        total += _eased(track, moments)
    return [Pose(**dict(zip(AXES, map(float, row), strict=True))) for row in total]


def _eased(track: Track, moments: Numbers) -> Numbers:
    """Walk a track on cubic curves that rest at both ends and never overshoot in the middle."""
    at = np.array([key.at for key in track])
    values = np.array([[getattr(key.pose, axis) for axis in AXES] for key in track])
    if len(track) == 1:
        return np.repeat(values, len(moments), axis=0)
    slopes = _slopes(at, values)
    left = np.clip(np.searchsorted(at, moments, side="right") - 1, 0, len(at) - 2)
    span = at[left + 1] - at[left]
    s = ((moments - at[left]) / span)[:, None]
    here, there = values[left], values[left + 1]
    leave, arrive = slopes[left] * span[:, None], slopes[left + 1] * span[:, None]
    return (
        (2 * s**3 - 3 * s**2 + 1) * here
        + (s**3 - 2 * s**2 + s) * leave
        + (3 * s**2 - 2 * s**3) * there
        + (s**3 - s**2) * arrive
    )


def _slopes(at: Numbers, values: Numbers) -> Numbers:
    """Choose the speed at each keyframe: rest at the ends and at turns, the harmonic mean elsewhere."""
    steps = np.diff(values, axis=0) / np.diff(at)[:, None]
    slopes = np.zeros_like(values)
    before, after = steps[:-1], steps[1:]
    onward = before * after > 0
    mean = np.divide(2 * before * after, before + after, out=np.zeros_like(before), where=onward)
    slopes[1:-1] = mean
    return slopes

"""Step two: the keyframes of the camera and the elements that move, from the picture and the words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.animator.camera import Keyframe, Pose, Track
from apps.animator.features import Features
from apps.animator.words import Element, Move, Wish

# What each word is worth at low motion.
WORTH: dict[Move, Pose] = {
    Move.PAN_LEFT: Pose(x=-0.075, truck=-0.008),
    Move.PAN_RIGHT: Pose(x=0.075, truck=0.008),
    Move.TILT_UP: Pose(y=-0.065, lift=-0.006),
    Move.TILT_DOWN: Pose(y=0.065, lift=0.006),
    Move.ZOOM_IN: Pose(zoom=0.11),
    Move.ZOOM_OUT: Pose(zoom=-0.11),
    Move.PUSH_IN: Pose(zoom=0.07, push=0.11),
    Move.PULL_OUT: Pose(zoom=-0.07, push=-0.11),
    Move.TRUCK_LEFT: Pose(x=-0.03, truck=-0.05),
    Move.TRUCK_RIGHT: Pose(x=0.03, truck=0.05),
    Move.CRANE_UP: Pose(y=-0.035, lift=-0.045),
    Move.CRANE_DOWN: Pose(y=0.035, lift=0.045),
    Move.ORBIT_LEFT: Pose(truck=-0.06),
    Move.ORBIT_RIGHT: Pose(truck=0.06),
    Move.ROLL_LEFT: Pose(roll=-0.045, zoom=0.02),
    Move.ROLL_RIGHT: Pose(roll=0.045, zoom=0.02),
}
HIGH = 2.5
ORBITS = {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}
QUIET = 0.35  # what is left of a push-in when a manual prompt says nothing we know


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The clip before any frame is drawn."""

    tracks: Sequence[Track]
    elements: tuple[Element, ...]
    strength: float


def plan(features: Features, wish: Wish, *, high: bool, automatic: bool, seed: int) -> Plan:
    """Choose keyframes and elements; words come first, and in automatic mode the picture fills the rest."""
    dice = np.random.default_rng(seed)
    strength = (HIGH if high else 1.0) * wish.pace
    steps = wish.steps
    if not steps and not wish.still:
        steps = (_chosen(features, dice, high=high),) if automatic else ((Move.PUSH_IN,),)
        strength *= 1.0 if automatic or wish.elements else QUIET
    tracks: list[Track] = [_walk(steps, strength)]
    if wish.handheld:
        tracks.append(_shaken(dice, strength))
    elements = wish.elements
    if automatic:
        elements += tuple(e for e in _alive(features) if e not in wish.elements)
    kept = tuple(element for element in elements if element not in wish.unwanted)
    return Plan(tracks=tracks, elements=kept, strength=strength if steps else HIGH if high else 1.0)


def _chosen(features: Features, dice: np.random.Generator, *, high: bool) -> tuple[Move, ...]:
    """Pick a move that suits the picture; the seed decides among those that do."""
    sideways = Move.TRUCK_RIGHT if features.focus[0] > 0.5 else Move.TRUCK_LEFT
    height, width = features.depth.shape
    if features.subject.mean() > 0.02:
        orbit = Move.ORBIT_RIGHT if features.focus[0] < 0.5 else Move.ORBIT_LEFT
        choices = [(Move.PUSH_IN,), (orbit, Move.PUSH_IN), (orbit,), (Move.PULL_OUT, sideways)]
    elif features.horizon is not None:
        choices = [(Move.PUSH_IN,), (sideways,), (Move.CRANE_UP, Move.PUSH_IN), (Move.PULL_OUT,)]
    elif height > width * 1.2:
        choices = [(Move.TILT_UP,), (Move.PUSH_IN,), (Move.TILT_DOWN, Move.PUSH_IN)]
    else:
        choices = [(Move.PUSH_IN,), (sideways, Move.PUSH_IN), (Move.ZOOM_OUT,)]
    lively = (*choices[0], sideways) if high and sideways not in choices[0] else choices[0]
    return [lively, *choices[1:]][int(dice.integers(len(choices)))]


def _alive(features: Features) -> tuple[Element, ...]:
    """Name what would be moving if the picture were a place."""
    found = {
        Element.CLOUDS: features.sky.mean() > 0.1 and features.detail > 6,
        Element.WATER: features.horizon is not None and features.water.mean() > 0.06,
        Element.WIND: features.leaves.mean() > 0.05,
        Element.BREATH: 0.04 < features.subject.mean() < 0.6 and features.horizon is None,
    }
    return tuple(element for element, there in found.items() if there)


def _walk(steps: tuple[tuple[Move, ...], ...], strength: float) -> Track:
    """Lay one keyframe between each two steps, and centre the walk on the picture."""
    poses = [Pose()]
    for moves in steps:
        change = sum((WORTH[move] for move in moves), Pose()).scaled(strength / len(steps) ** 0.5)
        if ORBITS & set(moves):
            # An arc comes a little closer at its middle than at its ends.
            poses.append(poses[-1] + change.scaled(0.5) + Pose(zoom=0.02 * strength))
        poses.append(poses[-1] + change)
    least = min(pose.zoom for pose in poses)
    nearest = min(pose.push for pose in poses)
    home = Pose(
        zoom=-least,
        push=-nearest / 2,
        truck=-_middle([pose.truck for pose in poses]),
        lift=-_middle([pose.lift for pose in poses]),
    )
    moments = np.linspace(0, 1, len(poses))
    return [Keyframe(float(at), pose + home) for at, pose in zip(moments, poses, strict=True)]


def _middle(values: list[float]) -> float:
    return (min(values) + max(values)) / 2


def _shaken(dice: np.random.Generator, strength: float) -> Track:
    """Give the camera somebody's hands: small unrelated turns, about two a second."""
    moments = np.linspace(0, 1, 12)
    throws = (
        dice.uniform(-1, 1, (len(moments), 4))
        * np.array([0.008, 0.006, 0.005, 0.004])
        * strength**0.7
    )
    throws[0] = 0
    poses = [
        Pose(x=float(x), y=float(y), roll=float(roll), truck=float(t)) for x, y, roll, t in throws
    ]
    return [Keyframe(float(at), pose) for at, pose in zip(moments, poses, strict=True)]

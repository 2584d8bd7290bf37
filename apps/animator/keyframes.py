"""Step two: choose camera keyframes and moving elements from the picture and the prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.animator.camera import Keyframe, Pose, Track
from apps.animator.features import Features
from apps.animator.prompt_parser import Element, Move, ParsedPrompt

# The change of pose of each move at low motion.
MOVE_POSES: dict[Move, Pose] = {
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
HIGH_STRENGTH = 2.5
ORBITS = {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}
QUIET_STRENGTH = 0.35  # share of a push-in for a manual prompt without known words


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionPlan:
    """The motion of a clip: camera tracks, moving elements and strength."""

    tracks: Sequence[Track]
    elements: tuple[Element, ...]
    strength: float


def plan_motion(
    features: Features, parsed: ParsedPrompt, *, high: bool, automatic: bool, seed: int
) -> MotionPlan:
    """Plan the motion from the prompt; in automatic mode the picture adds what is missing."""
    rng = np.random.default_rng(seed)
    strength = (HIGH_STRENGTH if high else 1.0) * parsed.pace
    steps = parsed.steps
    if not steps and not parsed.still:
        steps = (_choose_moves(features, rng, high=high),) if automatic else ((Move.PUSH_IN,),)
        strength *= 1.0 if automatic or parsed.elements else QUIET_STRENGTH
    tracks: list[Track] = [_camera_track(steps, strength)]
    if parsed.handheld:
        tracks.append(_handheld_track(rng, strength))
    elements = parsed.elements
    if automatic:
        elements += tuple(e for e in _living_elements(features) if e not in parsed.elements)
    kept = tuple(element for element in elements if element not in parsed.unwanted)
    return MotionPlan(
        tracks=tracks, elements=kept, strength=strength if steps else HIGH_STRENGTH if high else 1.0
    )


def _choose_moves(features: Features, rng: np.random.Generator, *, high: bool) -> tuple[Move, ...]:
    """Choose moves that suit the picture; the seed decides between them."""
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
    return [lively, *choices[1:]][int(rng.integers(len(choices)))]


def _living_elements(features: Features) -> tuple[Element, ...]:
    """Return the elements that would move in reality."""
    present = {
        Element.CLOUDS: features.sky.mean() > 0.1 and features.detail > 6,
        Element.WATER: features.horizon is not None and features.water.mean() > 0.06,
        Element.WIND: features.leaves.mean() > 0.05,
        Element.BREATH: 0.04 < features.subject.mean() < 0.6 and features.horizon is None,
    }
    return tuple(element for element, there in present.items() if there)


def _camera_track(steps: tuple[tuple[Move, ...], ...], strength: float) -> Track:
    """Return a track with one keyframe per step, centred on the picture."""
    poses = [Pose()]
    for moves in steps:
        change = sum((MOVE_POSES[move] for move in moves), Pose()) * (strength / len(steps) ** 0.5)
        if ORBITS & set(moves):
            # An orbit comes a little closer in its middle.
            poses.append(poses[-1] + change * 0.5 + Pose(zoom=0.02 * strength))
        poses.append(poses[-1] + change)
    least = min(pose.zoom for pose in poses)
    nearest = min(pose.push for pose in poses)
    start = Pose(
        zoom=-least,
        push=-nearest / 2,
        truck=-_middle([pose.truck for pose in poses]),
        lift=-_middle([pose.lift for pose in poses]),
    )
    moments = np.linspace(0, 1, len(poses))
    return [Keyframe(float(at), pose + start) for at, pose in zip(moments, poses, strict=True)]


def _middle(values: list[float]) -> float:
    return (min(values) + max(values)) / 2


def _handheld_track(rng: np.random.Generator, strength: float) -> Track:
    """Return the shake of a handheld camera: small random turns, about two a second."""
    moments = np.linspace(0, 1, 12)
    throws = (
        rng.uniform(-1, 1, (len(moments), 4))
        * np.array([0.008, 0.006, 0.005, 0.004])
        * strength**0.7
    )
    throws[0] = 0
    poses = [
        Pose(x=float(x), y=float(y), roll=float(roll), truck=float(t)) for x, y, roll, t in throws
    ]
    return [Keyframe(float(at), pose) for at, pose in zip(moments, poses, strict=True)]

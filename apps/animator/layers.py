"""Moving parts of the scene: sky, leaves, water and bodies, each inside its mask."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Field, Plane
from apps.animator.features import Features
from apps.animator.prompt_parser import Element


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """A mask and the motion of what it covers; `shift` takes nodes and seconds."""

    mask: Plane
    shift: Callable[[Field, float], Field]


def layers_of(
    features: Features,
    elements: tuple[Element, ...],
    strength: float,
    seed: int,
    focus: tuple[float, float],
) -> list[Layer]:
    """Return the moving layers of a scene, far ones first."""
    lively = min(strength, 3.0) ** 0.75
    phase = float(np.random.default_rng(seed + 1).uniform(0, 2 * np.pi))
    makers: dict[Element, Callable[[], Layer]] = {
        Element.CLOUDS: lambda: _sky(features, 0.028 * lively, phase),
        Element.WATER: lambda: Layer(
            mask=_water_mask(features), shift=_waves(0.0042 * lively, phase, features)
        ),
        Element.WIND: lambda: Layer(mask=_wind_mask(features), shift=_sway(0.0052 * lively, phase)),
        Element.BREATH: lambda: Layer(mask=features.subject, shift=_breath(0.006 * lively, focus)),
    }
    return [make() for element, make in makers.items() if element in elements]


def _sky(features: Features, reach: float, phase: float) -> Layer:
    mask = _drift_mask(features.sky)
    steep = max(float(np.abs(np.diff(mask, axis=axis)).max()) for axis in (0, 1)) * mask.size**0.5
    # The mask of a small sky has a steep edge, and a long shift would fold it.
    return Layer(mask=mask, shift=_drift(min(reach, 0.55 / max(steep, 1e-6)), phase))


def _drift_mask(sky: Plane) -> Plane:
    """Return a mask of the sky that fades towards its edge, so that no roof bends with it."""
    if not sky.any():
        return sky
    inside = cv2.distanceTransform((sky > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    ramp = np.clip(inside / (0.22 * sky.shape[0]), 0, 1)
    return cv2.GaussianBlur(ramp * ramp * (3 - 2 * ramp), (0, 0), 2.0)


def _water_mask(features: Features) -> Plane:
    """Return the water, or the ground where none was recognised but the prompt asks for it."""
    if features.water.mean() > 0.03:
        return np.clip(features.water * 1.3, 0, 1)
    return features.ground


def _wind_mask(features: Features) -> Plane:
    """Return the leaves, or the upper part of the subject where none were recognised."""
    if features.leaves.mean() > 0.02:
        return np.clip(features.leaves * 1.5, 0, 1)
    rows = np.linspace(1, 0, features.sky.shape[0], dtype=np.float32)[:, None]
    loose = features.subject if features.subject.any() else 1 - features.sky
    return cv2.GaussianBlur(loose * rows, (0, 0), 3.0)


def _drift(speed: float, phase: float) -> Callable[[Field, float], Field]:
    direction = 1.0 if np.cos(phase) >= 0 else -1.0

    def shift(at: Field, seconds: float) -> Field:
        moved = np.zeros_like(at)
        # Half before and half after the middle of the clip, so that the sky is never stretched far.
        moved[0] = -direction * speed * (seconds - 2.6) / 2.6
        return moved

    return shift


def _sway(reach: float, phase: float) -> Callable[[Field, float], Field]:
    def shift(at: Field, seconds: float) -> Field:
        x, y = at
        gust = 0.65 + 0.35 * np.sin(1.1 * seconds - 2.0 * x + phase)
        bend = np.sin(2.9 * seconds - 7.0 * x + 3.0 * y + phase) + 0.45 * np.sin(
            5.3 * seconds - 17.0 * x - 9.0 * y
        )
        start = min(1.0, seconds / 0.8)
        return np.stack(
            [
                reach * start * gust * bend,
                0.3 * reach * start * gust * np.cos(3.7 * seconds + 11.0 * x),
            ]
        )

    return shift


def _waves(reach: float, phase: float, features: Features) -> Callable[[Field, float], Field]:
    """Return a ripple in rows that become denser towards the horizon."""
    horizon = 0.4 if features.horizon is None else features.horizon
    top = (horizon - 0.5) * (features.sky.shape[0] / features.sky.shape[1]) ** 0.5

    def shift(at: Field, seconds: float) -> Field:
        x, y = at
        near = np.clip(y - top, 0.02, None)
        row = 14.0 * np.log(near + 0.05)
        size = reach * np.clip(near * 2.2, 0.15, 1.2)
        swell = np.sin(row * 2.2 - 2.4 * seconds + 5.0 * x + phase) + 0.5 * np.sin(
            row * 3.7 + 1.7 * seconds - 11.0 * x
        )
        slide = np.sin(row * 1.7 - 1.6 * seconds + phase) + 0.4 * np.sin(
            row * 4.1 + 2.9 * seconds + 7.0 * x
        )
        return np.stack([size * slide, 0.8 * size * swell])

    return shift


def _breath(reach: float, focus: tuple[float, float]) -> Callable[[Field, float], Field]:
    centre = np.array(focus, np.float32).reshape(2, 1, 1)

    def shift(at: Field, seconds: float) -> Field:
        return (centre - at) * np.float32(reach * np.sin(2 * np.pi * seconds / 2.6) * 0.9)

    return shift

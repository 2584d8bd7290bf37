"""Step one: features of the picture, such as saliency, depth, sky, ground and subject."""

from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Mask, Numbers, Picture, Plane
from apps.animator.regions import horizon_of, leaves_of, sky_of, subject_of, trim_ground, water_of
from apps.animator.saliency import saliency_of, unit

# Enough pixels for the features, few enough to be fast.
AREA_PIXELS = 9200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Small maps of the whole canvas, each from 0 to 1, and values derived from them."""

    saliency: Plane
    depth: Plane  # 1 is near
    sky: Plane
    ground: Plane
    subject: Plane
    water: Plane
    leaves: Plane
    glow: Plane
    horizon: float | None
    focus: tuple[float, float]  # where people look, as shares of width and height
    detail: float  # texture of the sky: high with clouds


def features_of(picture: Picture) -> Features:
    """Compute the features of a picture at a small size."""
    small = shrink(picture, AREA_PIXELS)
    saliency = saliency_of(small)
    sky = sky_of(small)
    horizon = horizon_of(sky)
    subject = trim_ground(subject_of(small, saliency, sky), horizon)
    ground = _ground(sky, subject, horizon)
    return Features(
        saliency=saliency,
        depth=_depth(small, sky, subject, horizon),
        sky=sky.astype(np.float32),
        ground=ground,
        subject=_soft(subject, 1.5),
        water=water_of(small, ground),
        leaves=leaves_of(small) * (1 - _soft(sky, 1.0)),
        glow=_glow(small),
        horizon=horizon,
        focus=_focus(saliency * (0.3 + subject) if subject.any() else saliency),
        detail=_detail(small, sky),
    )


def shrink(picture: Picture, area: int) -> Picture:
    """Scale a picture to about `area` pixels, at least 16 on each side."""
    height, width = picture.shape[:2]
    scale = (area / (height * width)) ** 0.5
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=way)


def _ground(sky: Mask, subject: Mask, horizon: float | None) -> Plane:
    height, width = sky.shape
    start = 0.5 if horizon is None else horizon
    ramp = np.clip((np.linspace(0, 1, height) - start) / 0.08, 0, 1)
    below = np.repeat(ramp[:, None], width, axis=1).astype(np.float32)
    return below * (1 - _soft(sky, 1.0)) * (1 - _soft(subject, 1.0))


def _depth(picture: Picture, sky: Mask, subject: Mask, horizon: float | None) -> Plane:
    """Estimate depth from height in the picture, sharpness, the sky and the subject."""
    height, width = sky.shape
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    # A narrow strip of ground is far away: its near edge is not at our feet.
    ramp = (
        0.25 + 0.3 * rows
        if horizon is None
        else 0.03 + min(0.72, 1.1 * (1 - horizon)) * _between(rows, horizon)
    )
    base = np.repeat(ramp, width, axis=1)
    if horizon is None:
        base = base + 0.15 * (_sharpness(picture) - 0.5)
    if subject.any():
        near = np.maximum(base, _subject_depth(base, subject))
        if horizon is not None:
            base = np.where(
                _parts_above(subject, sky), np.maximum(base, 0.9 * near[subject == 1].mean()), base
            )
        base = np.where(subject == 1, near, base)
    base = np.where(sky == 1, 0.0, base).astype(np.float32)
    # Near objects include a rim of their background, so that their outlines stay stiff.
    base = cv2.dilate(base, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    # The rest is smooth, so that a warp by it stretches and never tears.
    return np.clip(cv2.GaussianBlur(base, (0, 0), 3.0), 0, 1)


def _between(rows: Plane, horizon: float) -> Plane:
    return np.clip((rows - horizon) / (1.02 - horizon), 0, 1)


def _subject_depth(base: Plane, subject: Mask) -> Plane:
    """Return the subject's depth: that of its foot, a little closer, with a rounded body."""
    foot = np.flatnonzero(subject.any(axis=1))[-1]
    near = min(0.8, float(base[foot].mean()) + 0.18)
    inside = cv2.distanceTransform(subject, cv2.DIST_L2, 3)
    return near + 0.1 * np.sqrt(inside / max(float(inside.max()), 1.0))


def _parts_above(subject: Mask, sky: Mask) -> Numbers:
    """Return parts above the subject, such as a head that segmentation has missed."""
    covered = np.maximum.accumulate(subject[::-1], axis=0)[::-1]
    return (covered == 1) & (sky == 0) & (subject == 0)


def _sharpness(picture: Picture) -> Plane:
    """Return a map of sharpness: objects in focus are usually near."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    return unit(cv2.GaussianBlur(edges, (0, 0), 6))


def _glow(picture: Picture) -> Plane:
    """Return a map of lamps, flames and the sun: brighter than their surroundings."""
    light = picture.max(axis=2).astype(np.float32)
    above = light - cv2.GaussianBlur(light, (0, 0), 12)
    lit = np.clip((above - 25) / 60, 0, 1) * np.clip((light - 150) / 60, 0, 1)
    return np.clip(cv2.GaussianBlur(lit, (0, 0), 3.5) * 1.6, 0, 1)


def _focus(weight: Plane) -> tuple[float, float]:
    """Return the centre of gravity of the saliency."""
    heavy = weight**2 + 1e-6
    height, width = heavy.shape
    total = float(heavy.sum())
    x = float((heavy.sum(axis=0) * (np.arange(width) + 0.5)).sum() / total / width)
    y = float((heavy.sum(axis=1) * (np.arange(height) + 0.5)).sum() / total / height)
    return x, y


def _detail(picture: Picture, sky: Mask) -> float:
    if not sky.any():
        return 0.0
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(grey[sky == 1].std())


def _soft(mask: Mask, sigma: float) -> Plane:
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)

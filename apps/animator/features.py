"""Step one: what is in the picture — where people look, what is near, what is sky, ground and subject."""

from dataclasses import dataclass

import cv2
import numpy as np

from apps.animator.arrays import Mask, Numbers, Picture, Plane
from apps.animator.regions import horizon_of, leaves_of, sky_of, subject_of, upright, water_of
from apps.animator.saliency import saliency_of, unit

# Enough pixels to tell things apart, few enough to take no time.
AREA = 9200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Maps of one small size over the whole canvas, each from 0 to 1, and what they add up to."""

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
    detail: float  # how much texture the sky has: clouds or nothing


def features_of(picture: Picture) -> Features:
    """Look at a picture once, small."""
    small = shrink(picture, AREA)
    saliency = saliency_of(small)
    sky = sky_of(small)
    horizon = horizon_of(sky)
    subject = upright(subject_of(small, saliency, sky), horizon)
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
    """Scale a picture to about `area` pixels, never to nothing."""
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
    """Guess what is near from height in the picture, sharpness, the sky and the subject."""
    height, width = sky.shape
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    # A narrow strip of ground is a far one: its near edge is not at our feet.
    ramp = (
        0.25 + 0.3 * rows
        if horizon is None
        else 0.03 + min(0.72, 1.1 * (1 - horizon)) * _between(rows, horizon)
    )
    base = np.repeat(ramp, width, axis=1)
    if horizon is None:
        base = base + 0.15 * (_sharpness(picture) - 0.5)
    if subject.any():
        near = np.maximum(base, _standing(base, subject))
        if horizon is not None:
            base = np.where(
                _above(subject, sky), np.maximum(base, 0.9 * near[subject == 1].mean()), base
            )
        base = np.where(subject == 1, near, base)
    base = np.where(sky == 1, 0.0, base).astype(np.float32)
    # Near things take a rim of what is behind them along, so that their outlines stay stiff …
    base = cv2.dilate(base, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    # … and the rest is smooth enough that a warp by it stretches like rubber and never tears.
    return np.clip(cv2.GaussianBlur(base, (0, 0), 3.0), 0, 1)


def _between(rows: Plane, horizon: float) -> Plane:
    return np.clip((rows - horizon) / (1.02 - horizon), 0, 1)


def _standing(base: Plane, subject: Mask) -> Plane:
    """Give the subject one distance, its foot's and a little closer, and a rounded body."""
    foot = np.flatnonzero(subject.any(axis=1))[-1]
    near = min(0.8, float(base[foot].mean()) + 0.18)
    inside = cv2.distanceTransform(subject, cv2.DIST_L2, 3)
    return near + 0.1 * np.sqrt(inside / max(float(inside.max()), 1.0))


def _above(subject: Mask, sky: Mask) -> Numbers:
    """Find what rises from the subject into the sky, such as a head whose cut was missed."""
    covered = np.maximum.accumulate(subject[::-1], axis=0)[::-1]
    return (covered == 1) & (sky == 0) & (subject == 0)


def _sharpness(picture: Picture) -> Plane:
    """Tell what is in focus: usually what is near."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    return unit(cv2.GaussianBlur(edges, (0, 0), 6))


def _glow(picture: Picture) -> Plane:
    """Find lamps, flames and the sun: bright against their surroundings."""
    light = picture.max(axis=2).astype(np.float32)
    above = light - cv2.GaussianBlur(light, (0, 0), 12)
    lit = np.clip((above - 25) / 60, 0, 1) * np.clip((light - 150) / 60, 0, 1)
    return np.clip(cv2.GaussianBlur(lit, (0, 0), 3.5) * 1.6, 0, 1)


def _focus(weight: Plane) -> tuple[float, float]:
    """Return the centre of gravity of where people look."""
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

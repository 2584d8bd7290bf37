"""Masks of sky, water, leaves and subject, by colour, position and texture."""

import cv2
import numpy as np

from apps.animator.arrays import Mask, Picture, Plane


def sky_of(picture: Picture) -> Mask:
    """Return 1 in the sky; all 0 if the top of the picture does not look like a sky."""
    lab = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), (0, 0), 1.0)
    height, width = lab.shape[:2]
    grown = np.zeros((height + 2, width + 2), np.uint8)
    rough = _roughness(picture)
    # Rough pixels stop the flood fill from leaking through soft edges into the ground.
    grown[1:-1, 1:-1][rough > 26] = 1
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (2 << 8)
    for x in range(0, width, 2):
        if grown[1, x + 1] == 0:
            cv2.floodFill(lab, grown, (x, 0), 0, (3, 2, 2), (3, 2, 2), flags)
    sky = (grown[1:-1, 1:-1] == 2).astype(np.uint8)
    sky = cv2.morphologyEx(sky, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return _with_clouds(sky, picture) if _looks_like_sky(sky, picture) else np.zeros_like(sky)


def _with_clouds(sky: Mask, picture: Picture) -> Mask:
    """Add bright patches inside the sky that touch nothing below it."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    count, patches, boxes, _ = cv2.connectedComponentsWithStats(1 - sky, connectivity=4)
    lowest = sky.shape[0] - 1 - int(np.argmax(sky[::-1].any(axis=1)))
    usual = float(grey[sky == 1].mean())
    filled = sky.copy()
    for patch in range(1, count):
        bottom = boxes[patch, cv2.CC_STAT_TOP] + boxes[patch, cv2.CC_STAT_HEIGHT]
        if bottom < lowest and float(grey[patches == patch].mean()) > usual:
            filled[patches == patch] = 1
    return filled


def _looks_like_sky(sky: Mask, picture: Picture) -> bool:
    """Tell whether a region is wide, at the top, and blue or brighter than below it."""
    inside = sky.astype(bool)
    share = inside.mean()
    top = inside[0].mean()
    if not 0.06 < share < 0.9 or top < 0.4 or inside[-1].mean() > 0.35:
        return False
    red, green, blue = (float(channel) for channel in picture[inside].mean(axis=0))
    light = (red + green + blue) / 3
    below = float(picture[~inside].mean())
    bluish = blue > red * 1.08 and blue >= green * 0.98
    return bluish or (light > 140 and light > below * 1.25)


def _roughness(picture: Picture) -> Plane:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return gradient.astype(np.float32)


def horizon_of(sky: Mask) -> float | None:
    """Return the height (0 top, 1 bottom) at which the sky ends, or None without a sky."""
    if not sky.any():
        return None
    ends = sky.shape[0] - np.argmax(sky[::-1], axis=0)
    return float(np.percentile(ends[sky.any(axis=0)], 70) / sky.shape[0])


def subject_of(picture: Picture, saliency: Plane, sky: Mask) -> Mask:
    """Return 1 on the subject, segmented by colour from a salient seed."""
    free = saliency * (1 - sky)
    trimap = np.full(free.shape, cv2.GC_PR_BGD, np.uint8)
    trimap[free > max(0.32, float(np.percentile(free, 70)))] = cv2.GC_PR_FGD
    trimap[free > max(0.6, float(np.percentile(free, 93)))] = cv2.GC_FGD
    trimap[sky == 1] = cv2.GC_BGD
    trimap[:1] = cv2.GC_BGD
    trimap[:, :1] = cv2.GC_BGD
    trimap[:, -1:] = cv2.GC_BGD
    if (trimap == cv2.GC_FGD).sum() < 12 or (trimap == cv2.GC_PR_BGD).sum() < 12:
        return np.zeros_like(trimap)
    cv2.setRNGSeed(1)  # its k-means is random; the same picture must give the same mask
    cv2.grabCut(
        picture,
        trimap,
        (0, 0, 1, 1),
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        2,
        cv2.GC_INIT_WITH_MASK,
    )
    cut = np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    return _largest(cv2.morphologyEx(cut, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))


def trim_ground(subject: Mask, horizon: float | None) -> Mask:
    """Remove ground from the mask of a subject that stands on it."""
    if horizon is None or not subject.any():
        return subject
    line = round(horizon * subject.shape[0])
    over = subject[:line]
    if over.sum() < 0.25 * subject.sum():
        return subject
    columns = cv2.dilate(over.max(axis=0, keepdims=True), np.ones((1, 5), np.uint8))
    standing = subject.copy()
    standing[line:] *= columns
    return _largest(standing)


def _largest(mask: Mask) -> Mask:
    """Keep the largest patch, filled; nothing if it is tiny, a whole horizon or everything."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    kept = np.zeros_like(mask)
    if not outlines:
        return kept
    cv2.drawContours(kept, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    spans = kept.any(axis=0).mean() > 0.88 and kept.any(axis=1).mean() < 0.6
    return kept if 0.015 < kept.mean() < 0.8 and not spans else np.zeros_like(mask)


def water_of(picture: Picture, ground: Plane) -> Plane:
    """Return how much each pixel of the ground looks like water: cool, horizontally smooth."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV).astype(np.float32)
    cool = ((hsv[..., 0] > 80) & (hsv[..., 0] < 130) & (hsv[..., 1] > 25)).astype(np.float32)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    calm = (np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) < 40).astype(np.float32)
    # The outlines of boats and banks must not ripple.
    inside = cv2.erode(cool * calm * (ground > 0.4), np.ones((5, 5), np.uint8))
    return cv2.GaussianBlur(inside * ground, (0, 0), 1.6)


def leaves_of(picture: Picture) -> Plane:
    """Return how much each pixel looks like leaves or grass: green, and full of detail."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV).astype(np.float32)
    green = (
        (hsv[..., 0] > 28) & (hsv[..., 0] < 88) & (hsv[..., 1] > 45) & (hsv[..., 2] > 25)
    ).astype(np.float32)
    busy = np.clip(cv2.blur(_roughness(picture), (5, 5)) / 30, 0, 1)
    return cv2.GaussianBlur(green * busy, (0, 0), 2.0)

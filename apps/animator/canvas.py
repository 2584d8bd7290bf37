"""The part of the picture that the camera may show, as luma and chroma planes."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from apps.animator.arrays import Bytes, Numbers, Picture
from apps.animator.features import shrink
from apps.animator.saliency import saliency_of

# Texels per frame pixel: finer than the frame, so that sampling neither blurs nor shimmers.
DENSITY = 1.4
# The picture is kept this much larger than the frame, for the camera to move into.
SPARE = 1.25

# RGB to limited-range BT.601, offsets in the last column.
TO_YUV = np.array(
    [
        [0.256788, 0.504129, 0.097906, 16],
        [-0.148223, -0.290993, 0.439216, 128],
        [0.439216, -0.367788, -0.071427, 128],
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """The picture as planes, and the position of the frame at rest."""

    picture: Picture
    luma: Bytes
    chroma: Bytes  # two channels at half size
    centre: tuple[float, float]  # of the resting frame, in texels
    scale: float  # texels per frame pixel


def make_canvas(picture: Picture, size: tuple[int, int]) -> Canvas:
    """Crop the picture around its salient part to the frame's aspect, with a margin."""
    height, width = picture.shape[:2]
    cover = max(size[0] / width, size[1] / height)
    window = np.minimum(np.array(size) / cover, (width, height))
    middle = _salient_middle(picture, window)
    reach = np.minimum(window * SPARE, (width, height))
    start = np.clip(middle - reach / 2, 0, np.array([width, height]) - reach)
    left, top = np.floor(start).astype(int)
    right, bottom = np.ceil(start + reach).astype(int)
    cut = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    scale = cover * DENSITY
    shape = tuple(max(32, 2 * round(side * scale / 2)) for side in cut.shape[1::-1])
    fine = _resize(cut, (shape[0], shape[1]))
    yuv = cv2.transform(fine, TO_YUV)
    half = cv2.resize(yuv, (shape[0] // 2, shape[1] // 2), interpolation=cv2.INTER_AREA)
    centre = (middle - (left, top)) * np.array(shape) / cut.shape[1::-1]
    return Canvas(
        picture=cut,
        luma=np.ascontiguousarray(yuv[..., 0]),
        chroma=np.ascontiguousarray(half[..., 1:]),
        centre=(float(centre[0]), float(centre[1])),
        scale=DENSITY,
    )


def grade(canvas: Canvas, *, dim: float, pale: float) -> Canvas:
    """Return the canvas darker by `dim` and greyer by `pale`."""
    levels = np.arange(256)
    darker = np.clip(16 + (levels - 16) * (1 - dim), 0, 255).astype(np.uint8)
    greyer = np.round(128 + (levels - 128) * (1 - pale)).astype(np.uint8)
    return replace(canvas, luma=cv2.LUT(canvas.luma, darker), chroma=cv2.LUT(canvas.chroma, greyer))


def _salient_middle(picture: Picture, window: Numbers) -> Numbers:
    """Return the centre of the window that contains most of the saliency."""
    height, width = picture.shape[:2]
    saliency = saliency_of(shrink(picture, 4000))
    x = _best(saliency.sum(axis=0), window[0] / width) * width
    y = _best(saliency.sum(axis=1), window[1] / height) * height
    return np.clip(np.array([x, y]), window / 2, np.array([width, height]) - window / 2)


def _best(profile: Numbers, share: float) -> float:
    """Return the centre, from 0 to 1, of the heaviest section of this length.

    Sections near the centre are preferred, a little above it: heads are missed more than feet.
    """
    length = max(1, round(len(profile) * share))
    sums = np.convolve(profile + 1e-3, np.ones(length), mode="valid")
    middles = (np.arange(len(sums)) + length / 2) / len(profile)
    return float(middles[np.argmax(sums * (1 - 0.6 * np.abs(middles - 0.47)))])


def _resize(cut: Picture, shape: tuple[int, int]) -> Picture:
    smaller = shape[0] < cut.shape[1]
    return cv2.resize(cut, shape, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)

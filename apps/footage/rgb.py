"""Convert a decoded frame to the RGB pixels that a browser would show."""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation

from apps.footage.pixels import Pixels

_UNSPECIFIED = 2
_HD_LINES = 720


def quarter_turns(frame: VideoFrame) -> int:
    """Return the quarter turns counter-clockwise that a player applies, as phones request."""
    return round(frame.rotation / 90) % 4


def upright(frame: VideoFrame, *, width: int | None = None, height: int | None = None) -> Pixels:
    """Convert a frame, scaled to the given stored size, and turn it as a player would."""
    # Untagged video is read as browsers read it, so that poster and video have the same colours.
    untagged = frame.colorspace == _UNSPECIFIED
    guess = Colorspace.ITU709 if frame.height >= _HD_LINES else Colorspace.ITU601
    pixels = frame.to_ndarray(
        format="rgb24",
        width=width,
        height=height,
        src_colorspace=guess if untagged else None,
        interpolation=Interpolation.AREA if width else None,
    )
    return np.ascontiguousarray(np.rot90(pixels, quarter_turns(frame)))

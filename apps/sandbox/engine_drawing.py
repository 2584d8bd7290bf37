"""Drawing with the embedded engine, by the parameters of both vendors."""

import re
from collections.abc import Mapping
from pathlib import Path

from apps.animator.engine import FRAMES, Motion, animate
from apps.animator.sizes import SIZES, size_of
from apps.animator.warp import FPS
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip
from apps.footage.pictures import read_picture
from apps.vendors.offer import Value

# WaveSpeedAI's older forms have no motion field, so that the prompt decides
# (docs/vendor-contracts.md, section 1.2).
HIGH_MOTION_WORDS = re.compile(
    r"\b(fast|faster|quick\w*|rapid\w*|dynamic\w*|energetic|high motion)\b", re.IGNORECASE
)


def draw(picture: bytes, drawing: Mapping[str, Value], target: Path, _take: int) -> bool:
    """Write the clip and return whether it shows nudity."""
    pixels = read_picture(picture).pixels
    prompt = str(drawing["prompt"])
    is_lively = (
        drawing["motion"] == "high" if "motion" in drawing else HIGH_MOTION_WORDS.search(prompt)
    )
    automatic = not prompt or drawing.get("manner") == "automatic"
    animate(
        pixels,
        target,
        size=drawing_size(drawing, width=pixels.shape[1], height=pixels.shape[0]),
        motion=Motion(
            prompt=prompt,
            level="high" if is_lively else "low",
            manner="automatic" if automatic else "manual",
            seed=int(drawing["seed"]),
            frames=int(drawing["seconds"]) * FPS if "seconds" in drawing else FRAMES,
        ),
    )
    return nudity_of_clip(target) >= NSFW_THRESHOLD


def drawing_size(drawing: Mapping[str, Value], *, width: int, height: int) -> tuple[int, int]:
    """Return a clip's size: the requested shape, else the one nearest to the image.

    Source: docs/vendor-contracts.md, section 4.
    """
    resolution = str(drawing["resolution"])
    if "aspect_ratio" in drawing:
        return size_of(resolution, str(drawing["aspect_ratio"]))
    shape = width / height
    return min(
        SIZES[resolution].values(),
        key=lambda size: max(size[0] / size[1] / shape, shape * size[1] / size[0]),
    )

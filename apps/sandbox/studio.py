"""The sandbox's drawing room: the embedded engine behind both vendors' parameters."""

import re
from collections.abc import Mapping
from pathlib import Path

from apps.animator.engine import FRAMES, Motion, animate
from apps.animator.sizes import SIZES, size_of
from apps.animator.warp import FPS
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip
from apps.footage.pictures import read_picture
from apps.vendors.types import Value

# The first generation of WaveSpeed's contract has no motion field, so the prompt decides (contracts
# 1.2).
LIVELY = re.compile(
    r"\b(fast|faster|quick\w*|rapid\w*|dynamic\w*|energetic|high motion)\b", re.IGNORECASE
)


def draw(picture: bytes, wish: Mapping[str, Value], target: Path, _take: int) -> bool:
    """Write the clip and tell whether the finished clip shows nudity."""
    pixels = read_picture(picture).pixels
    prompt = str(wish["prompt"])
    lively = wish["motion"] == "high" if "motion" in wish else LIVELY.search(prompt)
    automatic = not prompt or wish.get("manner") == "automatic"
    animate(
        pixels,
        target,
        size=wished_size(wish, width=pixels.shape[1], height=pixels.shape[0]),
        motion=Motion(
            prompt=prompt,
            level="high" if lively else "low",
            manner="automatic" if automatic else "manual",
            seed=int(wish["seed"]),
            frames=int(wish["seconds"]) * FPS if "seconds" in wish else FRAMES,
        ),
    )
    return nudity_of_clip(target) >= NSFW_THRESHOLD


def wished_size(wish: Mapping[str, Value], *, width: int, height: int) -> tuple[int, int]:
    """Return a clip's size: of the shape that was asked for, else of the one nearest to the image (contracts 4)."""
    resolution = str(wish["resolution"])
    if "aspect_ratio" in wish:
        return size_of(resolution, str(wish["aspect_ratio"]))
    shape = width / height
    return min(
        SIZES[resolution].values(),
        key=lambda size: max(size[0] / size[1] / shape, shape * size[1] / size[0]),
    )

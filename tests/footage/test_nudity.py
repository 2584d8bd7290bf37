import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from apps.footage import nudity
from apps.footage.errors import BadClip
from apps.footage.nudity import NSFW_THRESHOLD, nudity_of_clip, nudity_of_picture
from tests.footage.films import brightening, film

ROOT = Path(__file__).resolve().parents[2]
NOISE = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
# Harmless too, but plain enough for the model to be less sure: what a "worse" picture is in these
# tests.
GREY = np.full((64, 64, 3), 128, np.uint8)


def test_harmless_pictures_stay_below_the_line():
    assert 0 <= nudity_of_picture(NOISE) < nudity_of_picture(GREY) < NSFW_THRESHOLD


def test_a_clip_is_as_bad_as_its_worst_frame(tmp_path):
    path = film(tmp_path / "clip.mp4", [NOISE] * 12 + [GREY] * 3)
    assert nudity_of_clip(path, samples=1) < 0.1
    assert nudity_of_clip(path) == pytest.approx(nudity_of_picture(GREY), abs=0.05)


def test_a_clip_shorter_than_its_samples_is_looked_at(tmp_path):
    assert 0 <= nudity_of_clip(film(tmp_path / "clip.mp4", brightening(2)), samples=9) <= 1


def test_the_nudity_check_says_when_a_file_is_no_clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"")
    with pytest.raises(BadClip):
        nudity_of_clip(path)


def test_threads_share_one_session_of_the_nudity_model():
    with ThreadPoolExecutor(8) as pool:
        assert (
            len({id(found) for found in pool.map(lambda _: nudity._classifier(), range(16))}) == 1
        )


FORK = """
import os, numpy as np
from apps.footage import nudity
from apps.footage.nudity import nudity_of_picture
grey = np.full((64, 64, 3), 128, np.uint8)
before = nudity_of_picture(grey)
nudity._lock.acquire()  # as another thread might hold it at the moment of forking
child = os.fork()
if not child:
    os._exit(0 if abs(nudity_of_picture(grey) - before) < 1e-6 else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_worker_can_look_although_its_parent_looked_before():
    done = subprocess.run(
        [sys.executable, "-c", FORK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.strip() == "0"

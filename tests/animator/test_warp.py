import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.animator.engine import Motion, scene_of

BUSY = "orbit left and push in, handheld, waves, wind, clouds"


def inside(scene):
    height, width = scene.stage.canvas.luma.shape
    low = min(float(field.min()) for field in scene.fields)
    across = max(float(field[0].max()) for field in scene.fields)
    down = max(float(field[1].max()) for field in scene.fields)
    return low >= -0.6 and across <= width - 0.4 and down <= height - 0.4


@pytest.mark.parametrize(
    "prompt", ["pan left", "zoom out", "roll left", "crane up then pan right", BUSY]
)
def test_no_frame_looks_past_the_picture(landscape, scene, prompt):
    assert inside(scene(landscape, prompt, level="high"))


@pytest.mark.proof
@settings(max_examples=6, deadline=None)
@given(
    st.integers(1, 700),
    st.integers(1, 700),
    st.sampled_from([(144, 256), (256, 144), (160, 160)]),
    st.sampled_from(["", "pan right", BUSY]),
)
def test_no_frame_of_any_picture_looks_past_it(height, width, size, prompt):
    picture = np.random.default_rng(height * width).integers(
        0, 256, (height, width, 3), dtype=np.uint8
    )
    assert inside(scene_of(picture, size, Motion(prompt=prompt, level="high")))


@pytest.mark.parametrize("prompt", ["orbit right", "truck left", "push in", BUSY])
def test_the_picture_stretches_but_never_folds(portrait_of_a_ball, scene, prompt):
    for field in scene(portrait_of_a_ball, prompt, level="high").fields[::31]:
        assert np.diff(field[0], axis=1).min() > 0
        assert np.diff(field[1], axis=0).min() > 0


def test_the_subject_and_its_background_part_on_a_truck(portrait_of_a_ball, scene):
    made = scene(portrait_of_a_ball, "truck right", size=(160, 160), level="high")
    distance_of = made.fields[-1][0] - made.fields[0][0]
    rows, columns = distance_of.shape
    ball, wall = (
        distance_of[rows // 2, int(0.62 * columns)],
        distance_of[rows // 2, int(0.1 * columns)],
    )
    assert ball > wall + 3


def test_neighbouring_frames_are_close_together(landscape, scene):
    fields = scene(landscape, "orbit right, waves, wind", level="high").fields
    steps = np.array([np.abs(after - before).max() for before, after in itertools.pairwise(fields)])
    assert steps.max() < 6
    assert np.abs(np.diff(steps)).max() < 1


def test_high_motion_moves_more_than_low(landscape, scene):
    def distance_of(level):
        fields = scene(landscape, "", level=level, manner="automatic").fields
        return np.abs(fields[-1] - fields[0]).mean()

    assert distance_of("high") > 1.6 * distance_of("low")


def test_clouds_drift_while_hills_stay(landscape, scene):
    made = scene(landscape, "clouds drift, static camera", level="high")
    distance_of = np.abs(made.fields[-1][0] - made.fields[0][0])
    assert distance_of[2:5].max() > 5
    assert distance_of[-5:].max() < 0.5


def test_what_stands_still_stays_stiff_while_the_sky_drifts(landscape, scene):
    made = scene(landscape, "roll left, clouds drift", level="high")
    height = made.stage.canvas.luma.shape[0]
    for field in (made.fields[0], made.fields[-1]):
        rows, columns = np.nonzero(field[1] > 0.7 * height)
        nodes = np.stack([columns, rows, np.ones_like(rows)], axis=1)
        positions = field[:, rows, columns].T
        affine, *_ = np.linalg.lstsq(nodes, positions, rcond=None)
        assert len(rows) > 50
        assert np.abs(nodes @ affine - positions).max() < 0.25

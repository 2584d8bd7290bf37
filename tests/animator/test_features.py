import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.animator.features import features_of


def test_the_sky_is_on_top_and_far(landscape):
    features = features_of(landscape)
    height = features.sky.shape[0]
    assert features.sky[: height // 3].mean() > 0.9
    assert features.sky[2 * height // 3 :].mean() < 0.05
    assert features.depth[: height // 4].mean() + 0.3 < features.depth[-height // 6 :].mean()
    assert 0.45 < features.horizon < 0.65


def test_water_lies_below_the_hills_and_leaves_on_them(landscape):
    features = features_of(landscape)
    height = features.water.shape[0]
    assert features.water[int(0.8 * height) :].mean() > 0.7
    assert features.water[: height // 2].mean() < 0.05
    assert features.leaves[int(0.62 * height) : int(0.7 * height)].mean() > 0.3


def test_the_subject_is_found_cut_out_and_near(portrait_of_a_ball):
    features = features_of(portrait_of_a_ball)
    height, width = features.subject.shape
    y, x = np.mgrid[0:height, 0:width]
    ball = ((x / width - 190 / 300) ** 2 + (y / height - 140 / 300) ** 2) < (55 / 300) ** 2
    cut = features.subject > 0.5
    assert (cut & ball).sum() / (cut | ball).sum() > 0.75
    assert features.depth[ball].mean() > features.depth[~ball].mean() + 0.1
    assert abs(features.focus[0] - 190 / 300) < 0.06
    assert abs(features.focus[1] - 140 / 300) < 0.06


def test_an_indoor_picture_has_no_sky(portrait_of_a_ball):
    features = features_of(portrait_of_a_ball)
    assert features.horizon is None
    assert not features.sky.any()


def test_the_same_picture_always_has_the_same_features(portrait_of_a_ball):
    one, other = features_of(portrait_of_a_ball), features_of(portrait_of_a_ball)
    assert np.array_equal(one.depth, other.depth)
    assert one.focus == other.focus


@pytest.mark.proof
@settings(max_examples=7, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**31))
def test_any_picture_has_features(height, width, seed):
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    features = features_of(picture)
    for plane in (features.depth, features.saliency, features.subject, features.water):
        assert np.isfinite(plane).all()
        assert plane.min() >= 0
        assert plane.max() <= 1 + 1e-6

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.animator.camera import Keyframe, Pose, interpolate
from apps.animator.features import features_of
from apps.animator.keyframes import plan_motion
from apps.animator.prompt_parser import Element, parse_prompt

ZOOMS = st.lists(st.floats(-1, 1), min_size=2, max_size=6)


def track(zooms):
    return [
        Keyframe(at, Pose(zoom=z))
        for at, z in zip(np.linspace(0, 1, len(zooms)), zooms, strict=True)
    ]


def walk(features, prompt, *, high=False, automatic=False, seed=0):
    planned = plan_motion(features, parse_prompt(prompt), high=high, automatic=automatic, seed=seed)
    return interpolate(planned.tracks, 125)


@pytest.fixture(scope="module")
def features(landscape):
    return features_of(landscape)


@given(ZOOMS)
def test_the_way_meets_its_keyframes_and_never_overshoots(zooms):
    way = [pose.zoom for pose in interpolate([track(zooms)], 121)]
    for at, zoom in zip(np.linspace(0, 120, len(zooms)), zooms, strict=True):
        assert way[round(at)] == pytest.approx(zoom, abs=1e-9)
    assert min(zooms) - 1e-9 <= min(way)
    assert max(way) <= max(zooms) + 1e-9


@given(ZOOMS)
def test_the_camera_starts_and_ends_at_rest(zooms):
    way = np.array([pose.zoom for pose in interpolate([track(zooms)], 125)])
    speeds = np.abs(np.diff(way))
    largest = max(float(np.abs(np.diff(zooms)).max()), 1e-12)
    assert speeds[0] <= 0.02 * largest
    assert speeds[-1] <= 0.02 * largest


def test_camera_tracks_add_up():
    both = interpolate([track([0, 0.2]), [Keyframe(0, Pose(x=0.1)), Keyframe(1, Pose(x=0.3))]], 3)
    assert (both[-1].zoom, both[-1].x) == pytest.approx((0.2, 0.3))


@pytest.mark.parametrize(
    ("prompt", "axis", "sign"),
    [
        ("pan left", "x", -1),
        ("pan right", "x", 1),
        ("tilt up", "y", -1),
        ("tilt down", "y", 1),
        ("zoom in", "zoom", 1),
        ("zoom out", "zoom", -1),
        ("push in", "push", 1),
        ("pull out", "push", -1),
        ("truck left", "truck", -1),
        ("crane up", "lift", -1),
        ("orbit right", "truck", 1),
        ("roll left", "roll", -1),
    ],
)
def test_a_word_moves_the_camera_its_way(features, prompt, axis, sign):
    way = walk(features, prompt)
    assert sign * (getattr(way[-1], axis) - getattr(way[0], axis)) > 0.01


def test_high_motion_goes_twice_as_far_as_low(features):
    low, high = (walk(features, "zoom in", high=high)[-1].zoom for high in (False, True))
    assert high > 2 * low > 0


def test_a_static_camera_does_not_move(features):
    way = walk(features, "static shot", automatic=True)
    assert len(set(way)) == 1


def test_handheld_trembles_and_a_static_camera_does_not(features):
    way = np.array([pose.x for pose in walk(features, "handheld, static shot")])
    assert np.ptp(way) > 0.002
    assert (np.diff(np.sign(np.diff(way))) != 0).sum() >= 3


def test_manual_mode_adds_nothing_of_its_own(features):
    planned = plan_motion(features, parse_prompt("rain"), high=False, automatic=False, seed=0)
    assert planned.elements == (Element.RAIN,)


def test_automatic_mode_brings_the_picture_to_life_but_obeys(features):
    parsed = parse_prompt("pan left, no clouds")
    planned = plan_motion(features, parsed, high=False, automatic=True, seed=0)
    assert Element.WATER in planned.elements
    assert Element.CLOUDS not in planned.elements
    way = interpolate(planned.tracks, 125)
    assert way[-1].x < way[0].x


def test_a_prompt_of_unknown_words_in_manual_mode_hardly_moves(features):
    still, plain = (walk(features, prompt)[-1].zoom for prompt in ("the cat blinks", "push in"))
    assert 0 < still < plain / 2


def test_seeds_choose_among_camera_moves(features):
    ways = {tuple(walk(features, "", automatic=True, seed=seed)[-1:]) for seed in range(8)}
    assert len(ways) > 2

import itertools

import numpy as np
import pytest

from apps.animator.render import frames_of


def lumas(scene, numbers, height=144):
    wanted = set(numbers)
    frames = itertools.islice(frames_of(scene), max(wanted) + 1)
    return [frame[:height].astype(float) for number, frame in enumerate(frames) if number in wanted]


def test_a_frame_looks_like_the_picture(portrait_of_a_ball, scene):
    frame = next(iter(frames_of(scene(portrait_of_a_ball, "static", size=(160, 160)))))
    assert frame.shape == (240, 160)
    red = frame[160:].reshape(80, 80, 2)[..., 1]
    assert red.max() > 180
    assert frame[:160].min() > 60


@pytest.mark.parametrize("prompt", ["rain", "snow", "embers"])
def test_weather_changes_what_is_seen_from_frame_to_frame(landscape, scene, prompt):
    dry = lumas(scene(landscape, "static"), [10, 11])
    wet = lumas(scene(landscape, f"static, {prompt}"), [10, 11])
    assert np.abs(dry[0] - dry[1]).max() == 0
    assert np.abs(wet[0] - wet[1]).max() > 20


def test_snow_falls_and_does_not_jump(landscape, scene):
    made = scene(landscape * 0, "static, snow")
    one, two = lumas(made, [20, 21])
    shifts = [np.abs(np.roll(one, down, axis=0) - two)[12:-12].mean() for down in range(-6, 7)]
    assert np.argmin(shifts) - 6 >= 0
    assert min(shifts) < np.abs(two[12:-12] - two.mean()).mean() * 1.6


def test_fog_pales_the_far_more_than_the_near(landscape, scene):
    (clear,) = lumas(scene(landscape, "static"), [30])
    (foggy,) = lumas(scene(landscape, "static, fog"), [30])
    assert foggy.std() < 0.9 * clear.std()


def test_lightning_flashes_and_goes(landscape, scene):
    brightness = [
        frame.mean() for frame in lumas(scene(landscape // 3, "static, lightning"), range(125))
    ]
    rest = np.median(brightness)
    flashed = sum(value > rest + 20 for value in brightness)
    assert 3 <= flashed <= 25
    assert abs(brightness[-1] - rest) < 5


def test_veils_and_weather_at_one_frame_meet_every_edge(landscape, scene):
    made = scene(
        landscape, "fog, smoke, sunlight, flicker, rain, snow, dust, fireflies", size=(146, 98)
    )
    frame = next(iter(frames_of(made)))
    assert frame.shape == (147, 146)
    assert frame[:98, 0].min() > 16
    assert frame[:98, -1].min() > 16

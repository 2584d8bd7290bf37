import numpy as np
import pytest

from apps.desk.demo.scenes import SCENES, draw

SLUGS = [scene.slug for scene in SCENES]
SMALL = 320


@pytest.fixture(scope="module")
def pictures():
    return {slug: draw(slug, longest=SMALL) for slug in SLUGS}


def test_there_is_something_for_every_taste():
    assert len(set(SLUGS)) == len(SCENES) >= 6
    assert len({scene.aspect_ratio for scene in SCENES}) >= 5
    assert all(scene.title and len(scene.prompt_idea.split()) > 12 for scene in SCENES)


@pytest.mark.parametrize("scene", SCENES, ids=SLUGS)
def test_a_scene_has_the_shape_it_promises(pictures, scene):
    height, width, channels = pictures[scene.slug].shape
    across, down = map(int, scene.aspect_ratio.split(":"))
    assert pictures[scene.slug].dtype == np.uint8
    assert channels == 3
    assert max(width, height) == SMALL
    assert width / height == pytest.approx(across / down, rel=0.01)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_scene_is_the_same_every_time(pictures, slug):
    assert np.array_equal(pictures[slug], draw(slug, longest=SMALL))


@pytest.mark.parametrize("slug", SLUGS)
def test_another_seed_gives_a_sister(pictures, slug):
    sister = draw(slug, longest=SMALL, seed=8).astype(int)
    assert 1 < np.abs(sister - pictures[slug]).mean() < 60


@pytest.mark.parametrize("slug", SLUGS)
def test_a_scene_has_depth_colour_and_a_full_range_of_light(pictures, slug):
    pixels = pictures[slug].astype(float)
    assert np.ptp(np.percentile(pixels, (1, 99))) > 120
    assert pixels.std(axis=(0, 1)).min() > 20
    assert np.abs(pixels[..., 0] - pixels[..., 2]).mean() > 12
    # No channel may be burnt out, or sunk, over any larger part of the picture.
    assert (pixels.min(axis=2) >= 254).mean() < 0.05
    assert (pixels.max(axis=2) <= 2).mean() < 0.05


def test_no_two_scenes_look_alike(pictures):
    looks = [
        picture[:: len(picture) // 16, :: picture.shape[1] // 16][:16, :16]
        for picture in pictures.values()
    ]
    for at, look in enumerate(looks):
        for other in looks[at + 1 :]:
            assert np.abs(look.astype(int) - other).mean() > 15


def test_a_small_drawing_shows_the_same_scene_as_a_large_one():
    small, large = (draw("dunes-and-moon", longest=longest).astype(float) for longest in (200, 600))
    shrunk = large.reshape(200, 3, 200, 3, 3).mean(axis=(1, 3))
    assert np.abs(small - shrunk).mean() < 16


def test_an_unknown_scene_is_an_error():
    with pytest.raises(KeyError):
        draw("sunset-over-paris")

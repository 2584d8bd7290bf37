import numpy as np
import pytest

from apps.footage.examine import examine
from apps.footage.stills import make_stills
from tests.footage.films import brightening, film, turn, webp_pixels


def levels(stills):
    """How bright each tile is, in reading order."""
    sprite = webp_pixels(stills.sprite).astype(float)
    height, width = stills.tile_height, stills.tile_width
    assert sprite.shape[:2] == (stills.rows * height, stills.columns * width)
    rows = sprite.reshape(stills.rows, height, stills.columns, width, 3)
    return rows.mean(axis=(1, 3, 4)).ravel()


def test_the_sprite_walks_through_the_clip_from_its_first_picture(tmp_path):
    stills = make_stills(film(tmp_path / "clip.mp4", frames=50))
    assert (stills.columns, stills.rows) == (5, 5)
    assert (stills.tile_width, stills.tile_height) == (256, 171)
    seen = levels(stills)
    expected = [60 + 150 * frame / 49 for frame in range(0, 50, 2)]
    assert np.abs(seen - expected).max() < 5


def test_a_short_clip_fills_its_sprite_by_standing_still(tmp_path):
    stills = make_stills(film(tmp_path / "short.mp4", frames=3), tiles=4, tile_width=64)
    assert (stills.columns, stills.rows) == (2, 2)
    first, again, second, third = levels(stills)
    assert first == pytest.approx(again, abs=2)
    assert first < second - 30 < third - 60


def test_tiles_that_do_not_fill_the_grid_leave_it_black(tmp_path):
    stills = make_stills(film(tmp_path / "clip.mp4"), tiles=5, tile_width=32)
    assert (stills.columns, stills.rows) == (3, 2)
    assert levels(stills)[-1] < 3


def test_the_poster_is_the_first_picture_in_full_size(tmp_path):
    first, *_ = pictures = list(brightening(10))
    poster = webp_pixels(make_stills(film(tmp_path / "clip.mp4", pictures)).poster)
    assert poster.shape == first.shape
    assert np.abs(poster.astype(int) - first).mean() < 5


def test_a_fade_from_black_gets_a_poster_on_which_one_sees_something(tmp_path):
    black = [np.zeros((64, 96, 3), np.uint8)] * 10
    path = film(tmp_path / "fade.mp4", [*black, *brightening(10, start=80)])
    assert webp_pixels(make_stills(path).poster).mean() > 80


def test_a_clip_that_is_black_throughout_gets_a_black_poster(tmp_path):
    path = film(tmp_path / "black.mp4", [np.zeros((64, 96, 3), np.uint8)] * 5)
    assert webp_pixels(make_stills(path).poster).max() < 5


def test_a_clip_of_odd_proportions_has_tiles(tmp_path):
    stills = make_stills(
        film(tmp_path / "tall.mp4", list(brightening(4, width=32, height=512))), tile_width=32
    )
    assert (stills.tile_width, stills.tile_height) == (32, 512)


@pytest.mark.parametrize("clockwise", [True, False])
def test_a_clip_stored_lying_down_is_shown_standing(tmp_path, clockwise):
    lying = film(tmp_path / "lying.mp4")
    stills = make_stills(turn(lying, tmp_path / "standing.mp4", clockwise=clockwise), tile_width=64)
    poster = webp_pixels(stills.poster).astype(float)
    assert poster.shape == (96, 64, 3)
    assert (stills.tile_width, stills.tile_height) == (64, 96)
    # The film is brighter on its right: turned clockwise that goes down, counter-clockwise it comes
    # up.
    top, bottom = poster[:10].mean(), poster[-10:].mean()
    assert (bottom > top) == clockwise


@pytest.mark.parametrize(("size", "tag"), [((64, 96), None), ((720, 1280), None), ((64, 96), 1)])
def test_colours_are_those_a_browser_would_play(tmp_path, size, tag):
    red = np.zeros((*size, 3), np.uint8)
    red[:, :, 0], red[:, : size[1] // 2, 1] = 200, 90
    matrix = "bt709" if tag or size[0] >= 720 else "smpte170m"
    path = film(tmp_path / "red.mp4", [red] * 2, matrix=matrix, tagged=tag is not None)
    poster = webp_pixels(make_stills(path).poster)
    assert np.abs(poster[10, -10].astype(int) - (200, 0, 0)).max() < 8


def test_examining_a_clip_makes_the_same_stills_as_drawing_them(tmp_path):
    path = film(tmp_path / "clip.mp4")
    facts, stills = examine(path)
    assert facts.frames == 30
    assert stills == make_stills(path)

import pytest

from apps.footage.errors import BadClip
from apps.footage.joining import join
from apps.footage.probing import probe
from tests.footage.films import brightening, film


def test_films_follow_one_another_in_the_size_and_rate_of_the_first(tmp_path):
    first = film(tmp_path / "first.mp4", frames=20, rate=24)
    second = film(tmp_path / "second.mp4", brightening(10, width=128, height=96))
    join([first, second], tmp_path / "joined.mp4")
    facts = probe(tmp_path / "joined.mp4")
    assert (facts.frames, facts.width, facts.height, facts.frame_rate) == (30, 96, 64, 24)


def test_a_film_with_an_odd_side_is_joined_a_pixel_smaller(tmp_path):
    odd = film(tmp_path / "odd.webm", brightening(5, width=95, height=63), codec="libvpx-vp9")
    join([odd, odd], tmp_path / "joined.mp4")
    facts = probe(tmp_path / "joined.mp4")
    assert (facts.frames, facts.width, facts.height) == (10, 94, 62)


@pytest.mark.parametrize("content", [b"", b"This is no film.", b"\0\0\0\x18ftypmp42" + b"\0" * 400])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_film_is_told_in_words_for_people(tmp_path, content, place):
    good, bad = film(tmp_path / "good.mp4"), tmp_path / "bad.mp4"
    bad.write_bytes(content)
    films = [good, bad] if place else [bad, good]
    with pytest.raises(BadClip):
        join(films, tmp_path / "joined.mp4")


def test_joining_no_films_is_refused(tmp_path):
    with pytest.raises(BadClip, match="nothing to join"):
        join([], tmp_path / "joined.mp4")

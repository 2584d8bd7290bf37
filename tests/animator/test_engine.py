import av
import numpy as np
import pytest

from apps.animator.encode import encode
from apps.animator.engine import Motion, animate
from apps.core.errors import DomainError

SIZE = (256, 144)


@pytest.fixture(scope="module")
def clip(tmp_path_factory, landscape):
    target = tmp_path_factory.mktemp("clips") / "clip.mp4"
    animate(landscape, target, size=SIZE, motion=Motion(prompt="rain, pan left", seed=7))
    return target


def test_a_drawn_clip_has_the_codec_rate_and_length_that_we_promise(clip):
    with av.open(str(clip)) as file:
        (stream,) = file.streams
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == SIZE
        assert (stream.average_rate, stream.frames) == (24, 125)
        assert float(stream.duration * stream.time_base) == pytest.approx(125 / 24)
        assert file.metadata["comment"] == "mjweb motion sketch"
        assert sum(1 for _ in file.decode(video=0)) == 125


def test_a_browser_can_start_before_it_has_everything(clip):
    content = clip.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_nothing_is_left_beside_the_clip(clip):
    assert list(clip.parent.iterdir()) == [clip]


def test_the_same_seed_gives_the_same_bytes(clip, landscape, tmp_path):
    again = tmp_path / "again.mp4"
    animate(landscape, again, size=SIZE, motion=Motion(prompt="rain, pan left", seed=7))
    assert again.read_bytes() == clip.read_bytes()


def test_another_seed_gives_another_clip(clip, landscape, tmp_path):
    other = tmp_path / "other.mp4"
    animate(landscape, other, size=SIZE, motion=Motion(prompt="rain, pan left", seed=8))
    assert other.read_bytes() != clip.read_bytes()


def test_a_target_may_be_a_plain_string(portrait_of_a_ball, tmp_path):
    animate(portrait_of_a_ball, str(tmp_path / "clip.mp4"), size=(64, 64), motion=Motion())
    assert (tmp_path / "clip.mp4").stat().st_size > 1000


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (7, 5)])
def test_tiny_and_extreme_pictures_become_clips(shape, tmp_path):
    picture = np.full((*shape, 3), 90, np.uint8)
    animate(
        picture,
        tmp_path / "clip.mp4",
        size=(64, 48),
        motion=Motion(prompt="orbit, snow", level="high"),
    )
    with av.open(str(tmp_path / "clip.mp4")) as file:
        assert file.streams.video[0].frames == 125


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["grey", "alpha", "floats", "empty"],
)
def test_what_is_not_an_rgb_picture_is_refused(picture, tmp_path):
    with pytest.raises(DomainError, match="RGB"):
        animate(picture, tmp_path / "clip.mp4", size=SIZE, motion=Motion())


def test_an_odd_size_is_refused(landscape, tmp_path):
    with pytest.raises(DomainError, match="even"):
        animate(landscape, tmp_path / "clip.mp4", size=(255, 144), motion=Motion())


def test_a_clip_that_fails_half_way_leaves_the_old_one_alone(tmp_path):
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"the old one")

    def frames():
        yield np.full((72, 64), 90, np.uint8)
        raise RuntimeError("the light went out")

    with pytest.raises(RuntimeError, match="light"):
        encode(frames(), target, (64, 48))
    assert target.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [target]

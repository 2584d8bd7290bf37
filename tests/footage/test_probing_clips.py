import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.footage import video_reader
from apps.footage.errors import BadClip
from apps.footage.examine import examine
from apps.footage.probing import probe
from tests.footage.films import brightening, encode, film, quarters, splice, turn
from tests.support.cases import case

FAST_START = {"movflags": "+faststart"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return film(tmp_path_factory.mktemp("clips") / "whole.mp4", audio=True)


def test_probing_a_clip_returns_its_facts(clip):
    facts = probe(clip)
    assert (facts.width, facts.height) == (96, 64)
    assert facts.frame_rate == Fraction(24)
    assert facts.frames == 30
    assert facts.duration == pytest.approx(30 / 24)
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")
    assert facts.has_audio
    assert facts.size == clip.stat().st_size
    assert facts.sha256 == hashlib.sha256(clip.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("suffix", "codec", "name"),
    [
        (".mp4", "libx264", "h264"),
        (".mp4", "libx265", "hevc"),
        (".webm", "libvpx-vp9", "vp9"),
        (".webm", "libvpx", "vp8"),
        (".mkv", "libx264", "h264"),
        (".mov", "libx264", "h264"),
    ],
)
def test_the_usual_codecs_and_containers_are_read(tmp_path, suffix, codec, name):
    facts = probe(film(tmp_path / f"clip{suffix}", frames=12, codec=codec))
    assert (facts.codec, facts.frames, facts.has_audio) == (name, 12, False)
    assert facts.duration == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("pix_fmt", ["yuv444p", "yuv420p10le"])
def test_finer_pixels_are_read(tmp_path, pix_fmt):
    assert probe(film(tmp_path / "fine.mp4", frames=5, pix_fmt=pix_fmt)).pixel_format == pix_fmt


def test_a_broadcast_rate_is_kept_exact(tmp_path):
    assert probe(film(tmp_path / "tv.mp4", rate=Fraction(30000, 1001))).frame_rate == Fraction(
        30000, 1001
    )


def test_a_clip_of_one_picture_is_a_clip(tmp_path):
    facts = probe(film(tmp_path / "one.mp4", frames=1))
    assert (facts.frames, facts.duration) == (1, pytest.approx(1 / 24))


def test_a_clip_that_a_phone_stored_lying_down_is_as_tall_as_it_looks(tmp_path, clip):
    facts = probe(turn(clip, tmp_path / "turned.mp4", clockwise=True))
    assert (facts.width, facts.height) == (64, 96)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mkv"])
def test_a_download_that_broke_off_is_no_clip(tmp_path, suffix):
    codec = "libvpx" if suffix == ".webm" else "libx264"
    options = FAST_START if suffix == ".mp4" else None
    path = film(tmp_path / f"cut{suffix}", codec=codec, options=options)
    data = path.read_bytes()
    for share in (0.02, 0.5, 0.9, 0.999):
        path.write_bytes(data[: int(len(data) * share)])
        for look in (probe, examine):
            with (
                case(f"{look.__name__} {share:.1%}"),
                pytest.raises(BadClip, match="damaged or incomplete"),
            ):
                look(path)


def test_a_live_recording_without_a_length_is_read(tmp_path):
    path = film(tmp_path / "live.webm", codec="libvpx", options={"live": "1"}, frames=12)
    assert probe(path).frames == 12


def test_a_clip_whose_pictures_were_blanked_out_is_damaged(tmp_path):
    path = film(tmp_path / "blank.mp4", options=FAST_START)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + b"\xff" * (len(data) - start))
    with pytest.raises(BadClip, match="damaged"):
        probe(path)


def gif() -> bytes:
    return encode(quarters(), "GIF")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "This file is empty; use MP4 or WebM."),
        (
            b"<html>502 Bad Gateway</html>",
            "This looks like a web page; use MP4 or WebM.",
        ),
        (b'{"error": "expired"}', "This looks like a text file; use MP4 or WebM."),
        (gif(), "This looks like a GIF animation; use MP4 or WebM."),
        (
            b"#EXTM3U\nfile:///etc/passwd\n",
            "This looks like a playlist; use MP4 or WebM.",
        ),
        (
            b"\x01\x02\x03\x04" * 40,
            "This file is not a video we can read; use MP4 or WebM.",
        ),
    ],
)
def test_what_is_no_video_is_named(tmp_path, data, words):
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    with pytest.raises(BadClip) as caught:
        probe(path)
    assert str(caught.value) == words


def test_sound_alone_is_no_clip(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(path, "w") as container:
        sound = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 2048), np.int16), format="s16", layout="stereo"
        )
        frame.sample_rate = 48000
        container.mux([*sound.encode(frame), *sound.encode()])
    with pytest.raises(BadClip, match="contains no video"):
        probe(path)


def test_a_codec_from_a_museum_is_named(tmp_path):
    with pytest.raises(
        BadClip, match=r"encoded as mjpeg, which isn.t supported; export it as H\.264 in MP4"
    ):
        probe(film(tmp_path / "old.mkv", codec="mjpeg", pix_fmt="yuvj420p", frames=3))


def test_a_title_in_an_unknown_writing_does_not_matter(tmp_path):
    path = film(tmp_path / "titled.mp4", frames=3, title="TITLE")
    path.write_bytes(path.read_bytes().replace(b"TITLE", b"\xff\xfe\xff\xfe\xff"))
    assert probe(path).frames == 3


def test_a_fault_of_our_own_is_not_blamed_on_the_clip(clip):
    with pytest.raises(ValueError, match="ours"), video_reader.open_video(clip):
        raise ValueError("ours")


def test_a_codec_nobody_knows_is_no_surprise(tmp_path):
    path = film(tmp_path / "strange.mp4", frames=3)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(BadClip, match="encoded as something unknown"):
        probe(path)


def test_a_clip_larger_than_asked_for_is_turned_away_before_it_is_decoded(clip):
    with pytest.raises(BadClip, match="96×64 pixels"):
        probe(clip, max_pixels=96 * 63)
    assert probe(clip, max_pixels=96 * 64)


def test_a_clip_longer_than_asked_for_is_turned_away(clip):
    with pytest.raises(BadClip, match="too long; the limits are 1 seconds"):
        probe(clip, max_seconds=1.0)
    assert probe(clip, max_seconds=1.5)


def test_a_clip_of_too_many_frames_is_turned_away_before_it_is_decoded(clip):
    limits = video_reader.Limits(frames=29)
    with pytest.raises(BadClip, match="too long"), video_reader.open_video(clip, limits):
        pass
    with video_reader.open_video(clip, video_reader.Limits(frames=30)) as video:
        assert len(list(video.frames())) == 30


def test_a_clip_too_heavy_is_turned_away(clip, monkeypatch):
    monkeypatch.setattr(video_reader, "MAX_BYTES", 1000)
    with pytest.raises(BadClip, match="larger than 0 MB"):
        probe(clip)


def test_a_picture_that_grows_midway_is_caught_while_decoding(tmp_path):
    small = film(tmp_path / "small.webm", brightening(3, width=96, height=64), codec="libvpx")
    large = film(tmp_path / "large.webm", brightening(3, width=192, height=128), codec="libvpx")
    path = splice(small, large, tmp_path / "growing.webm")
    assert probe(path).frames == 6
    with pytest.raises(BadClip, match="192×128"):
        probe(path, max_pixels=96 * 64)


def test_a_film_does_not_read_other_files(tmp_path, clip):
    script = tmp_path / "script.mp4"
    script.write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
    with pytest.raises(BadClip, match="text file"):
        probe(script)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(beginning=b"\x1a\x45\xdf\xa3", rest=b"\x01" + b"\0" * 6)
@example(beginning=b"\x1a\x45\xdf\xa3", rest=b"\x01" + b"\xff" * 6 + b"\xfe")
@given(
    beginning=st.sampled_from(
        [b"", b"\0\0\0\x18ftypisom\0\0\2\0isommp42", b"\x1a\x45\xdf\xa3", b"RIFF"]
    ),
    rest=st.binary(max_size=300),
)
def test_no_bytes_whatsoever_raise_anything_else(tmp_path, beginning, rest):
    path = tmp_path / "any.mp4"
    path.write_bytes(beginning + rest)
    with pytest.raises(BadClip, match=r"\.$"):
        probe(path)


@pytest.mark.proof
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.floats(0, 1), rot=st.binary(min_size=1, max_size=12))
def test_a_rotten_spot_anywhere_is_survived(tmp_path, clip, at, rot):
    data = clip.read_bytes()
    spot = int(at * len(data))
    path = tmp_path / "rotten.mp4"
    path.write_bytes(data[:spot] + rot + data[spot + len(rot) :])
    complaint = complaint_about(path)
    assert complaint is None or complaint.endswith(".")


def complaint_about(path) -> str | None:
    try:
        examine(path)
    except BadClip as error:
        return str(error)
    return None

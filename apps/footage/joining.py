"""Join several videos into one."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from apps.footage.errors import BadClip
from apps.footage.video_reader import open_video

# Visually lossless: the parts have been through a vendor's encoder once already.
QUALITY = {"crf": "16", "preset": "veryfast"}


def join(paths: Sequence[Path], target: Path) -> None:
    """Write the videos one after the other to `target`, in the size and rate of the first.

    Frames are encoded again: parts of a chain may have different encoder settings, and players fail
    on a file that changes them half way. Raises `BadClip`.
    """
    if not paths:
        raise BadClip("There is nothing to join.")
    size, rate = _size_and_rate(paths[0])
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        out = film.add_stream("libx264", rate=rate, options=QUALITY)
        out.width, out.height = size
        out.pix_fmt = "yuv420p"
        for number, frame in enumerate(_frames(paths, size)):
            frame.pts = number
            frame.time_base = 1 / rate
            film.mux(out.encode(frame))
        film.mux(out.encode())


def _size_and_rate(path: Path) -> tuple[tuple[int, int], Fraction]:
    """Return the size and frame rate of a video; the encoder needs even sides."""
    with open_video(path) as video:
        context = video.stream.codec_context
        size = (context.width // 2 * 2, context.height // 2 * 2)
        return size, video.stream.average_rate or Fraction(24)


def _frames(paths: Sequence[Path], size: tuple[int, int]) -> Iterator[VideoFrame]:
    width, height = size
    for path in paths:
        with open_video(path) as video:
            for frame in video.frames():
                yield frame.reformat(width=width, height=height, format="yuv420p")

"""Several films, one after the other, as one film."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from apps.footage.errors import BadClip
from apps.footage.video_reader import open_video

# Near to lossless for the eye: what is joined has been through a vendor's encoder once already.
QUALITY = {"crf": "16", "preset": "veryfast"}


def join(paths: Sequence[Path], target: Path) -> None:
    """Write the films one after the other into `target`, in the size and rate of the first; raise `BadClip`.

    The pictures are encoded anew: parts of one chain need not share an encoder's settings, and
    players stumble over a file that changes them half way.
    """
    if not paths:
        raise BadClip("There is nothing to join.")
    size, rate = _shape(paths[0])
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        out = film.add_stream("libx264", rate=rate, options=QUALITY)
        out.width, out.height = size
        out.pix_fmt = "yuv420p"
        for number, frame in enumerate(_frames(paths, size)):
            frame.pts, frame.time_base = number, 1 / rate
            film.mux(out.encode(frame))
        film.mux(out.encode())


def _shape(path: Path) -> tuple[tuple[int, int], Fraction]:
    """Return the size and rate of a film; the encoder takes even sides only."""
    with open_video(path) as video:
        context = video.stream.codec_context
        return (
            context.width // 2 * 2,
            context.height // 2 * 2,
        ), video.stream.average_rate or Fraction(24)


def _frames(paths: Sequence[Path], size: tuple[int, int]) -> Iterator[VideoFrame]:
    width, height = size
    for path in paths:
        with open_video(path) as video:
            for frame in video.frames():
                yield frame.reformat(width=width, height=height, format="yuv420p")

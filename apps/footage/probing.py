"""Facts of a video file, from decoding it: headers are not trusted."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from apps.footage.errors import BadClip
from apps.footage.video_reader import MAX_PIXELS, MAX_SECONDS, Limits, VideoReader, open_video


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """Facts of a video file; `duration` is in seconds, `size` in bytes."""

    width: int
    height: int
    frame_rate: Fraction
    frames: int
    duration: float
    codec: str
    pixel_format: str
    has_audio: bool
    size: int
    sha256: str


def probe(
    path: Path, *, max_pixels: int = MAX_PIXELS, max_seconds: float = MAX_SECONDS
) -> ClipFacts:
    """Decode a video within limits; raises `BadClip` unless it is complete and playable."""
    with open_video(path, Limits(pixels=max_pixels, seconds=max_seconds)) as video:
        for _ in video.frames():
            pass
        return facts_of(video, path)


def facts_of(video: VideoReader, path: Path) -> ClipFacts:
    """Return the facts of a video that has been decoded to its end."""
    context = video.stream.codec_context
    if context.pix_fmt is None or not video.duration:
        raise BadClip("This video's pixel format is unknown; export it again as H.264 in MP4.")
    return ClipFacts(
        width=context.height if video.is_sideways else context.width,
        height=context.width if video.is_sideways else context.height,
        frame_rate=_frame_rate(video),
        frames=video.decoded_frames,
        duration=video.duration,
        codec=context.codec.canonical_name,
        pixel_format=context.pix_fmt,
        has_audio=video.has_audio,
        size=path.stat().st_size,
        sha256=_sha256(path),
    )


def _frame_rate(video: VideoReader) -> Fraction:
    rate = video.stream.average_rate or video.stream.guessed_rate
    return rate or Fraction(video.decoded_frames / video.duration).limit_denominator(1001)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Open a video within limits and decode it once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from apps.footage import sniffing
from apps.footage.errors import BadClip
from apps.footage.rgb import quarter_turns
from apps.footage.truncation import is_truncated

MAX_BYTES = 256 * 1024 * 1024
MAX_PIXELS = 4096 * 2304
MAX_SECONDS = 120.0
MAX_FRAMES = 3600

# Plain files of two families only: FFmpeg would read other files named in a playlist or script.
_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
    "protocol_whitelist": "file",
}
_CODECS = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "prores"})
_ACCEPTED = "use MP4 or WebM"
_DAMAGED = "This video is damaged or incomplete."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest video that a caller is ready to decode."""

    pixels: int = MAX_PIXELS
    seconds: float = MAX_SECONDS
    frames: int = MAX_FRAMES


DEFAULT_LIMITS = Limits()
Packet: TypeAlias = "av.Packet[VideoStream]"


@dataclass(slots=True, kw_only=True)
class VideoReader:
    """An open video with its packets in memory, ready to be decoded once."""

    stream: VideoStream
    packets: list[Packet]
    limits: Limits
    has_audio: bool
    length: int
    duration: float
    decoded_frames: int = 0
    is_sideways: bool = False

    def frames(self) -> Iterator[VideoFrame]:
        """Yield the frames in the order they are shown."""
        for packet in self.packets:
            for frame in packet.decode():
                self._check(frame)
                self.decoded_frames += 1
                self.is_sideways = quarter_turns(frame) % 2 == 1
                yield frame
        # A decoder may skip a few frames around a cut, but not a tenth of the video.
        if self.decoded_frames < max(1, self.length * 0.9):
            raise BadClip(_DAMAGED)

    def _check(self, frame: VideoFrame) -> None:
        # Sizes and counts in the header may be wrong; a decoded frame has the true ones.
        if frame.is_corrupt:
            raise BadClip(_DAMAGED)
        _check_size(frame.width, frame.height, self.limits)
        if self.decoded_frames >= self.limits.frames:
            raise BadClip(_too_long(self.limits))


@contextmanager
def open_video(path: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[VideoReader]:
    """Open a video file within limits; raises `BadClip` for every error of FFmpeg."""
    _check_file(path)
    try:
        with av.open(
            f"file:{path}", container_options=_OPTIONS, metadata_errors="replace"
        ) as container:
            yield _reader(container, limits)
    except av.FFmpegError as error:
        raise BadClip(_DAMAGED) from error


def _check_file(path: Path) -> None:
    size = path.stat().st_size
    if not size:
        raise BadClip(f"This file is empty; {_ACCEPTED}.")
    if size > MAX_BYTES:
        raise BadClip(f"This file is larger than {MAX_BYTES // 1024**2} MB, which is the limit.")
    with path.open("rb") as file:
        kind = sniffing.sniff(file.read(sniffing.HEAD_BYTES))
    if kind == sniffing.UNKNOWN:
        raise BadClip(f"This file is not a video we can read; {_ACCEPTED}.")
    if kind not in {sniffing.MP4, sniffing.WEBM}:
        raise BadClip(f"This looks like {kind}; {_ACCEPTED}.")
    if is_truncated(path):
        raise BadClip(_DAMAGED)


def _reader(container: InputContainer, limits: Limits) -> VideoReader:
    stream = _video_stream(container, limits)
    packets = list(_packets(container, stream, limits))
    shown = [packet for packet in packets if packet.size and not packet.is_discard]
    if not shown or any(packet.is_corrupt for packet in shown):
        raise BadClip(_DAMAGED)
    duration = _seconds(shown, stream)
    if duration > limits.seconds:
        raise BadClip(_too_long(limits))
    return VideoReader(
        stream=stream,
        packets=packets,
        limits=limits,
        has_audio=bool(container.streams.audio),
        length=len(shown),
        duration=duration,
    )


def _video_stream(container: InputContainer, limits: Limits) -> VideoStream:
    if not container.streams.video:
        raise BadClip(f"This file contains no video; {_ACCEPTED}.")
    stream = container.streams.video[0]
    codec = (
        stream.codec_context.codec.canonical_name if stream.codec_context else "something unknown"
    )
    if codec not in _CODECS:
        raise BadClip(
            f"This video is encoded as {codec}, which isn't supported; export it as H.264 in MP4."
        )
    _check_size(stream.codec_context.width, stream.codec_context.height, limits)
    # The decoder checks the size, too, before it allocates memory for a frame. The header may lie.
    stream.codec_context.options = {"max_pixels": str(max(limits.pixels, MAX_PIXELS))}
    stream.thread_type = "AUTO"
    return stream


def _packets(container: InputContainer, stream: VideoStream, limits: Limits) -> Iterator[Packet]:
    # Packets stay in memory, so the file is read once without seeking; MAX_BYTES limits their size.
    for count, packet in enumerate(container.demux(stream)):
        if count > limits.frames:
            raise BadClip(_too_long(limits))
        yield packet


def _seconds(shown: list[Packet], stream: VideoStream) -> float:
    """Return the time from the start of the first frame to the end of the last one."""
    times = [packet.pts for packet in shown if packet.pts is not None]
    if not times or stream.time_base is None:
        raise BadClip(_DAMAGED)
    last = max(times)
    held = max((packet.duration or 0 for packet in shown if packet.pts == last), default=0)
    if not held and stream.average_rate:
        held = round(1 / (stream.average_rate * stream.time_base))
    return float((last - min(times) + held) * stream.time_base)


def _check_size(width: int, height: int, limits: Limits) -> None:
    if not width or not height:
        raise BadClip(_DAMAGED)
    if width * height > limits.pixels:
        raise BadClip(f"This video has {width}×{height} pixels; the limit is 4096×2304.")


def _too_long(limits: Limits) -> str:
    return (
        f"This video is too long; "
        f"the limits are {limits.seconds:.0f} seconds and {limits.frames} frames."
    )

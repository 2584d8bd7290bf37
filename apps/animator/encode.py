"""Encode frames as H.264, in a thread of its own while the next frames are rendered."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from apps.animator.arrays import Bytes
from apps.animator.warp import FPS

# Enough frames to keep both threads busy, few enough for memory.
MOST_PENDING_FRAMES = 6
# The encoded bytes depend on the number of threads, so it is fixed.
THREADS = 2
OPTIONS = {"preset": "veryfast", "crf": "18"}
COMMENT = "mjweb motion sketch"
BT601 = 6
BT709 = 1
LIMITED = 1


def encode(frames: Iterable[Bytes], target: Path, size: tuple[int, int]) -> None:
    """Write NV12 frames to an MP4 file; an error leaves no file behind."""
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as file:
            file.metadata["comment"] = COMMENT
            _write(frames, file, _stream(file, size))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _stream(file: OutputContainer, size: tuple[int, int]) -> VideoStream:
    stream = file.add_stream("libx264", rate=FPS, options=OPTIONS)
    stream.width, stream.height = size
    # x264 works in NV12; the file contains yuv420p.
    stream.pix_fmt = "nv12"
    context = stream.codec_context
    context.thread_count = THREADS
    context.time_base = Fraction(1, FPS)
    context.colorspace = BT601
    context.color_range = LIMITED
    context.color_primaries = BT709
    context.color_trc = BT709
    return stream


def _write(frames: Iterable[Bytes], file: OutputContainer, stream: VideoStream) -> None:
    """Encode in order on one other thread, and wait for it when it falls behind."""

    def compress(frame: av.VideoFrame | None) -> None:
        file.mux(stream.encode(frame))

    pending: deque[Future[None]] = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="x264") as pool:
        for number, planes in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(planes, format="nv12")
            frame.pts = number
            pending.append(pool.submit(compress, frame))
            if len(pending) > MOST_PENDING_FRAMES:
                pending.popleft().result()
        pending.append(pool.submit(compress, None))
        for future in pending:
            future.result()

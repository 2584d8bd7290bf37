"""Small pictures and films, made on the spot."""

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pillow_heif
from av.video.reformatter import Colorspace
from PIL import Image

pillow_heif.register_heif_opener()  # the product reads HEIC, and the tests write it

MATRICES = {"bt709": Colorspace.ITU709, "smpte170m": Colorspace.ITU601}


def encode(image: Image.Image, format_: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def quarters(width: int = 32, height: int = 16) -> Image.Image:
    """Red, green, blue and white quarters: every turn and flip of it looks different."""
    pixels = np.zeros((height, width, 3), np.uint8)
    half_y, half_x = height // 2, width // 2
    pixels[:half_y, :half_x] = (255, 0, 0)
    pixels[:half_y, half_x:] = (0, 255, 0)
    pixels[half_y:, :half_x] = (0, 0, 255)
    pixels[half_y:, half_x:] = (255, 255, 255)
    return Image.fromarray(pixels)


def brightening(frames: int, *, width: int = 96, height: int = 64, start: int = 30):
    """Frames that grow brighter from left to right and from first to last."""
    slope = np.linspace(0, 60, width)[None, :, None]
    for at in range(frames):
        level = start + 150 * at / max(1, frames - 1)
        yield np.broadcast_to(slope + level, (height, width, 3)).astype(np.uint8)


def film(
    path: Path,
    pictures=None,
    *,
    frames: int = 30,
    codec: str = "libx264",
    rate: int = 24,
    audio: bool = False,
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    matrix: str = "smpte170m",
    tagged: bool = False,
    title: str = "",
) -> Path:
    """Write a short film; the container follows from the path's suffix."""
    pictures = list(brightening(frames) if pictures is None else pictures)
    with av.open(path, "w", options=options or {}) as container:
        container.metadata["title"] = title
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        sound = (
            container.add_stream("aac" if path.suffix == ".mp4" else "libopus", rate=48000)
            if audio
            else None
        )
        if tagged:
            stream.codec_context.colorspace = MATRICES[matrix]
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(
                stream.encode(frame.reformat(format=pix_fmt, dst_colorspace=MATRICES[matrix]))
            )
        container.mux(stream.encode())
        if sound:
            _silence(container, sound)
    return path


def _silence(container, sound) -> None:
    for at in range(10):
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024 * 2), np.int16), format="s16", layout="stereo"
        )
        frame.sample_rate, frame.pts = 48000, at * 1024
        container.mux(sound.encode(frame))
    container.mux(sound.encode())


def webp_pixels(data: bytes) -> np.ndarray:
    with Image.open(BytesIO(data), formats=("WEBP",)) as image:
        return np.asarray(image.convert("RGB"))


def turn(clip: Path, path: Path, *, clockwise: bool) -> Path:
    """Rotate a film by a quarter as phones do: by the matrix in its track header."""
    one, minus = 0x00010000.to_bytes(4), 0xFFFF0000.to_bytes(4)
    zero, unit = bytes(4), 0x40000000.to_bytes(4)
    right, down = (one, minus) if clockwise else (minus, one)
    data = clip.read_bytes()
    at = data.index(one + zero * 3 + one + zero * 3 + unit, data.index(b"tkhd"))
    matrix = b"".join([zero, right, zero, down, zero, zero, zero, zero, unit])
    path.write_bytes(data[:at] + matrix + data[at + len(matrix) :])
    return path


def splice(first: Path, second: Path, path: Path) -> Path:
    """Hang one film behind the other without encoding it again."""
    with av.open(first) as head, av.open(second) as tail, av.open(path, "w") as container:
        stream = container.add_stream_from_template(head.streams.video[0])
        offset = 0
        for source in (head, tail):
            packets = [packet for packet in source.demux(video=0) if packet.size]
            for packet in packets:
                packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                packet.stream = stream
                container.mux(packet)
            offset = packets[-1].pts + packets[-1].duration
    return path

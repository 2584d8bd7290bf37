"""Quick drawing for load tests: a still clip, encoded once per picture and size."""

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import av
import cv2

from apps.animator.warp import FPS
from apps.footage.pictures import read_picture
from apps.sandbox.engine_drawing import drawing_size
from apps.vendors.offer import Value

SECONDS = 1


def draw(picture: bytes, drawing: Mapping[str, Value], target: Path, take: int) -> bool:
    """Write a playable clip of the right size with unique bytes; return that it shows no nudity."""
    shape = (str(drawing["resolution"]), str(drawing.get("aspect_ratio", "")))
    film = _encode(picture, shape, int(drawing.get("seconds", SECONDS)))
    target.write_bytes(film + _free_box(f"{target.parent.name} take {take} seed {drawing['seed']}"))
    return False


def _free_box(words: str) -> bytes:
    """Return an MP4 box that players ignore: `free` of ISO/IEC 14496-12."""
    content = words.encode()
    return (8 + len(content)).to_bytes(4) + b"free" + content


@lru_cache(maxsize=256)
def _encode(picture: bytes, shape: tuple[str, str], seconds: int) -> bytes:
    pixels = read_picture(picture).pixels
    drawing = {"resolution": shape[0]} | ({"aspect_ratio": shape[1]} if shape[1] else {})
    size = drawing_size(drawing, width=pixels.shape[1], height=pixels.shape[0])
    still = cv2.resize(pixels, size).astype("uint8")
    file = BytesIO()
    with av.open(file, "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(still, format="rgb24")
        for number in range(seconds * FPS):
            frame.pts = number
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    return file.getvalue()

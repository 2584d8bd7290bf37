"""A quick hand for load and for tests: a clip in which nothing moves, encoded once for each picture and size."""

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import av
import cv2

from apps.animator.warp import FPS
from apps.footage.pictures import read_picture
from apps.sandbox.studio import wished_size
from apps.vendors.types import Value

SECONDS = 1


def draw(picture: bytes, wish: Mapping[str, Value], target: Path, take: int) -> bool:
    """Write a real clip of the right size that is like no other, byte for byte; it never shows nudity."""
    shape = (str(wish["resolution"]), str(wish.get("aspect_ratio", "")))
    film = _encoded(picture, shape, int(wish.get("seconds", SECONDS)))
    target.write_bytes(film + _signature(f"{target.parent.name} take {take} seed {wish['seed']}"))
    return False


def _signature(words: str) -> bytes:
    """Return a box that players pass over: `free` space, ISO 14496-12 section 8.1.2."""
    content = words.encode()
    return (8 + len(content)).to_bytes(4) + b"free" + content


@lru_cache(maxsize=256)
def _encoded(picture: bytes, shape: tuple[str, str], seconds: int) -> bytes:
    pixels = read_picture(picture).pixels
    wish = {"resolution": shape[0]} | ({"aspect_ratio": shape[1]} if shape[1] else {})
    size = wished_size(wish, width=pixels.shape[1], height=pixels.shape[0])
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

"""Source pictures: decode untrusted files, and write copies without metadata."""

from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from apps.footage import sniffing
from apps.footage.decode_isolated import decode_isolated
from apps.footage.errors import BadPicture
from apps.footage.pixels import Pixels

MAX_BYTES = 40 * 1024 * 1024
FORMATS = {sniffing.JPEG: "jpeg", sniffing.PNG: "png", sniffing.WEBP: "webp", sniffing.HEIC: "heic"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A decoded picture: upright, in sRGB, transparency on white.

    `has_location` tells whether the file contained where it was taken.
    """

    format: str
    width: int
    height: int
    pixels: Pixels
    has_location: bool = False


def read_picture(data: bytes) -> Picture:
    """Decode JPEG, PNG, WebP or HEIC bytes in an isolated process, or raise BadPicture."""
    format_ = _format_of(data)
    try:
        pixels, has_location = decode_isolated(format_, data)
    except BadPicture:
        raise
    except Exception as error:  # any invalid output of the process
        raise BadPicture(
            f"This {_NAMES[format_]} file is damaged or incomplete; export or download it again."
        ) from error
    height, width = pixels.shape[:2]
    return Picture(
        format=format_, width=width, height=height, pixels=pixels, has_location=has_location
    )


def clean_jpeg(picture: Picture, *, longest: int = 4096, quality: int = 92) -> bytes:
    """Encode the pixels alone as JPEG: no GPS, no camera, no thumbnail of an uncropped original."""
    image = Image.fromarray(shrink(picture.pixels, longest=longest))
    return _encode(image, "JPEG", quality=quality, subsampling=0)


def thumbnail_webp(picture: Picture, *, longest: int = 640) -> bytes:
    """Encode a small WebP for grids and lists."""
    return webp(shrink(picture.pixels, longest=longest))


def average_colour(picture: Picture) -> str:
    """Return the average colour as `#rrggbb`, a placeholder until the picture has loaded."""
    red, green, blue = (round(value) for value in cv2.mean(picture.pixels)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def shrink(pixels: Pixels, *, longest: int) -> Pixels:
    """Scale down so that no side is longer than `longest`; never scale up."""
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def webp(pixels: Pixels, *, quality: int = 80, method: int = 3) -> bytes:
    """Encode RGB pixels as WebP."""
    return _encode(Image.fromarray(pixels), "WEBP", quality=quality, method=method)


_NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "heic": "HEIC"}
_ACCEPTED = "upload JPEG, PNG, WebP or HEIC"


def _format_of(data: bytes) -> str:
    if not data:
        raise BadPicture(f"This file is empty; {_ACCEPTED}.")
    if len(data) > MAX_BYTES:
        raise BadPicture(
            f"This file is larger than {MAX_BYTES // 1024**2} MB; upload a smaller version."
        )
    kind = sniffing.sniff(data[: sniffing.HEAD_BYTES])
    if kind == sniffing.UNKNOWN:
        raise BadPicture(f"This file is not a picture we can read; {_ACCEPTED}.")
    if kind not in FORMATS:
        raise BadPicture(f"This looks like {kind}; {_ACCEPTED}.")
    return FORMATS[kind]


def _encode(image: Image.Image, format_: str, **options: int) -> bytes:
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()

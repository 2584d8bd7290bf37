"""HEIC, opened by libheif: pictures of phones."""

from collections.abc import Callable
from io import BytesIO

import pillow_heif
from PIL import Image

from apps.footage.containers import MAX_PROFILE, DamagedFile, StrippedPicture


def open_heic(
    data: bytes, measure: Callable[[int, int], None]
) -> tuple[Image.Image, StrippedPicture]:
    """Return the picture, upright, and what was wrapped around it; `measure` raises if it promises too much."""
    _hangs_together(data)
    pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.options.DECODE_THREADS = 1
    heif = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    measure(*heif.size)
    image, about = heif.to_pillow(), dict(heif.info)
    stripped = StrippedPicture(
        b"", *image.size, profile=bytes(about.get("icc_profile") or b"")[:MAX_PROFILE]
    )
    stripped.take_exif(bytes(about.get("exif") or b""))
    stripped.take_words(bytes(about.get("xmp") or b""))
    return image, stripped  # the file's own turns were made, and by the standard no others count


def _hangs_together(data: bytes) -> None:
    """Walk over the outermost boxes, so that half a file is known without a decoder."""
    at, kinds = 0, set()
    while at < len(data):
        size, header = int.from_bytes(data[at : at + 4]), 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16]), 16
        elif size == 0:  # up to the end
            size = len(data) - at
        if size < header or at + size > len(data):
            break  # what hangs behind the picture is nobody's business; what is missing is
        kinds.add(data[at + 4 : at + 8])
        at += size
    if not {b"ftyp", b"meta"} <= kinds:
        raise DamagedFile("it has no table of contents")

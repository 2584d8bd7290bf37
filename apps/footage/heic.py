"""Decode HEIC, the format of phone cameras, with libheif."""

from collections.abc import Callable
from io import BytesIO

import pillow_heif
from PIL import Image

from apps.footage.containers import MAX_PROFILE_BYTES, DamagedFile, StrippedPicture


def decode_heic(
    data: bytes, check_size: Callable[[int, int], None]
) -> tuple[Image.Image, StrippedPicture]:
    """Return the upright picture and its metadata; `check_size` raises if it is too large."""
    _require_complete_boxes(data)
    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.options.DECODE_THREADS = 1
    heif = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    check_size(*heif.size)
    image = heif.to_pillow()
    profile = bytes(heif.info.get("icc_profile") or b"")[:MAX_PROFILE_BYTES]
    stripped = StrippedPicture(b"", *image.size, profile=profile)
    stripped.read_exif(bytes(heif.info.get("exif") or b""))
    stripped.read_xmp(bytes(heif.info.get("xmp") or b""))
    # libheif has applied the file's own rotation. EXIF's orientation does not count in HEIC.
    return image, stripped


def _require_complete_boxes(data: bytes) -> None:
    """Walk the outermost boxes, to recognise a truncated file without a decoder."""
    at = 0
    kinds = set()
    while at < len(data):
        size, header = int.from_bytes(data[at : at + 4]), 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16]), 16
        elif size == 0:  # up to the end
            size = len(data) - at
        if size < header or at + size > len(data):
            break  # trailing bytes are ignored; a missing box is found below
        kinds.add(data[at + 4 : at + 8])
        at += size
    if not {b"ftyp", b"meta"} <= kinds:
        raise DamagedFile("it has no table of contents")

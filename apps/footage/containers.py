"""Parse the containers of picture files and remove metadata before any decoder sees a byte.

The size comes from the header alone. Everything about people and places (EXIF, XMP, IPTC, comments)
is removed first: it can then neither attack the decoder nor appear in a copy. The colour profile
and the orientation are kept, because the pixels need them.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from apps.footage.errors import BadPicture

# The largest known profile, of a printer, has two megabytes.
MAX_PROFILE_BYTES = 4 * 1024 * 1024
MAX_CHUNKS = 200_000  # a PNG of 40 MB in chunks of 200 bytes
MAX_SCANS = 100
# A progressive JPEG draws its pixels several times; an ordinary one about ten times.
MAX_DRAWN_PIXELS = 1_000_000_000

_ORIENTATION_TAG = 0x0112
_GPS_TAG = 0x8825
_XMP_LOCATION = re.compile(rb"exif:GPS|GPSLatitude", re.IGNORECASE)


class DamagedFile(ValueError):
    """The file is truncated or its parts contradict each other."""


@dataclass(slots=True)
class StrippedPicture:
    """A picture's file without metadata; `orientation` is EXIF's number, 1 for upright."""

    core: bytes
    width: int
    height: int
    profile: bytes = b""
    orientation: int = 1
    has_location: bool = False

    def read_exif(self, exif: bytes) -> None:
        """Read the orientation from EXIF, and whether it contains a location."""
        tags = _tags_of(exif.removeprefix(b"Exif\0\0"))
        self.orientation = tags.get(_ORIENTATION_TAG, 1)
        self.has_location = self.has_location or _GPS_TAG in tags

    def read_xmp(self, text: bytes) -> None:
        """Read from XMP, or another text, whether it contains a location."""
        self.has_location = self.has_location or bool(_XMP_LOCATION.search(text))


def _tags_of(exif: bytes) -> dict[int, int]:
    """Return the first table of an EXIF block, tag to value; nothing for a broken block."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 10:
        return {}
    start = int(struct.unpack_from(f"{order}I", exif, 4)[0])
    if start + 2 > len(exif):
        return {}
    count = struct.unpack_from(f"{order}H", exif, start)[0]
    entries = exif[start + 2 : start + 2 + 12 * count]
    whole = len(entries) - len(entries) % 12
    rows = struct.iter_unpack(f"{order}HHIHH", entries[:whole])
    return {tag: first for tag, _kind, _count, first, _second in rows}


# --- JPEG ------------------------------------------------------------------------------------
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKERS_WITHOUT_BODY = frozenset({0x01, *range(0xD0, 0xD8)})
# Inside a scan, 0xFF precedes only a stuffed zero, a restart marker, or padding.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JFIF = 0xE0
_ADOBE = 0xEE
_PROFILE_MARK = b"ICC_PROFILE\0"


def strip_jpeg(data: bytes) -> StrippedPicture:
    """Keep the tables and scans of the first picture; limit how often it is drawn."""
    stripped = StrippedPicture(b"", 0, 0)
    core = bytearray(b"\xff\xd8")
    profile = []
    scans = 0
    for marker, piece in _segments(data):
        body = piece[4:]
        if marker in _FRAME_MARKERS and len(body) >= 6:
            stripped.height, stripped.width = struct.unpack_from(">HH", body, 1)
        scans += marker == 0xDA
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            stripped.read_exif(body)
        elif marker == 0xE1:
            stripped.read_xmp(body)
        elif marker == 0xE2 and body.startswith(_PROFILE_MARK):
            profile.append((body[12:13], body[14:]))
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in {_JFIF, _ADOBE}:
            core += piece
        if scans > MAX_SCANS or scans * stripped.width * stripped.height > MAX_DRAWN_PIXELS:
            raise BadPicture(TOO_MANY_SCANS)
    stripped.core = bytes(core)
    stripped.profile = b"".join(part for _number, part in sorted(profile))[:MAX_PROFILE_BYTES]
    return stripped


TOO_MANY_SCANS = (
    "This JPEG file has more layers than any camera writes; "
    "open it in an image editor and export it again."
)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker and bytes of each segment, up to the end of the first picture."""
    at = 2
    while at + 1 < len(data):
        if data[at] != 0xFF:
            raise DamagedFile("unexpected bytes between segments")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        end = at + 2
        if marker not in _MARKERS_WITHOUT_BODY and marker != 0xD9:
            end += _length(data, end)
        if marker == 0xDA:
            next_marker = _AFTER_SCAN.search(data, end)
            end = next_marker.start() if next_marker else len(data)
        yield marker, data[at:end]
        if marker == 0xD9:
            return
        at = end


def _length(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise DamagedFile("truncated")
    length = int.from_bytes(data[at : at + 2])
    if length < 2 or at + length > len(data):
        raise DamagedFile("truncated")
    return length


# --- PNG -------------------------------------------------------------------------------------
_PIXEL_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def strip_png(data: bytes) -> StrippedPicture:
    """Keep header, palette and pixels; of an animation only the still picture."""
    stripped = StrippedPicture(b"", 0, 0)
    core = [data[:8]]
    for kind, body, whole in _chunks(data):
        if kind == b"IHDR" and len(body) == 13:
            stripped.width, stripped.height = struct.unpack_from(">II", body)
        elif kind == b"iCCP":
            stripped.profile = _inflate(body.partition(b"\0")[2][1:])
        elif kind == b"eXIf":
            stripped.read_exif(body)
        elif kind in {b"iTXt", b"tEXt", b"zTXt"}:
            stripped.read_xmp(body)
        if kind in _PIXEL_CHUNKS:
            core.append(whole)
    stripped.core = b"".join(core)
    return stripped


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the kind, content and all bytes of each chunk, up to the end of the picture."""
    at = 8
    for _number in range(MAX_CHUNKS):
        if at + 12 > len(data):
            raise DamagedFile("truncated")
        length = int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise DamagedFile("truncated")
        yield kind, data[at + 8 : end - 4], data[at:end]
        if kind == b"IEND":
            return
        at = end
    raise DamagedFile("too many pieces")


def _inflate(packed: bytes) -> bytes:
    """Decompress a profile; return nothing for one that is broken or too large."""
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b""
    return b"" if unpacker.unconsumed_tail else profile


# --- WebP ------------------------------------------------------------------------------------
_PICTURE_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
_METADATA_FLAGS = 0b0010_1100  # profile, EXIF and XMP, in the extended header


def strip_webp(data: bytes) -> StrippedPicture:
    """Keep the picture, or the pictures of an animation."""
    stripped = StrippedPicture(b"", 0, 0)
    core = []
    for kind, body in _riff_chunks(data):
        if not stripped.width and kind in {b"VP8X", b"VP8L", b"VP8 "}:
            stripped.width, stripped.height = _webp_size(kind, body)
        if kind == b"ICCP":
            stripped.profile = body[:MAX_PROFILE_BYTES]
        elif kind == b"EXIF":
            stripped.read_exif(body)
        elif kind == b"XMP ":
            stripped.read_xmp(body)
        if kind in _PICTURE_CHUNKS:
            kept = bytes([body[0] & ~_METADATA_FLAGS]) + body[1:] if kind == b"VP8X" else body
            core.append(kind + len(body).to_bytes(4, "little") + kept + b"\0" * (len(body) % 2))
    inside = b"WEBP" + b"".join(core)
    stripped.core = b"RIFF" + len(inside).to_bytes(4, "little") + inside
    return stripped


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int]:
    if len(body) < 10:
        raise DamagedFile("truncated")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and content of each chunk, up to the length in the file's header."""
    last = 8 + int.from_bytes(data[4:8], "little")
    if last > len(data) + 1:
        raise DamagedFile("truncated")
    at = 12
    while at + 8 <= min(last, len(data)):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise DamagedFile("truncated")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


STRIPPERS = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}

"""What a picture's file wraps around its pixels, read by hand before any decoder sees a byte.

The size comes from the header alone, and whatever tells of people and places (EXIF, XMP, IPTC,
comments) is cut out before the decoder: what it never sees can neither trip it nor come out at the
other end. A profile of colours and the way up are kept, because the pixels need them.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from apps.footage.errors import BadPicture

# bytes: the largest honest one describes a printer, and has two megabytes
MAX_PROFILE = 4 * 1024 * 1024
MAX_CHUNKS = 200_000  # of a PNG of 40 MB in pieces of 200 bytes
MAX_SCANS = 100
# What a progressive JPEG draws in all, over and over: an honest one goes over its pixels about ten
# times.
MAX_DRAWN = 1_000_000_000

_ORIENTATION, _PLACE = 0x0112, 0x8825
_PLACE_IN_WORDS = re.compile(rb"exif:GPS|GPSLatitude", re.IGNORECASE)


class DamagedFile(ValueError):
    """The file does not hang together."""


@dataclass(slots=True)
class StrippedPicture:
    """A picture's file without its secrets; `orientation` is EXIF's number, 1 for upright."""

    core: bytes
    width: int
    height: int
    profile: bytes = b""
    orientation: int = 1
    has_location: bool = False

    def take_exif(self, exif: bytes) -> None:
        """Learn from EXIF which way is up, and whether it says where the picture was taken."""
        tags = _tags_of(exif.removeprefix(b"Exif\0\0"))
        self.orientation = tags.get(_ORIENTATION, 1)
        self.has_location = self.has_location or _PLACE in tags

    def take_words(self, words: bytes) -> None:
        """Learn from XMP whether it says where the picture was taken."""
        self.has_location = self.has_location or bool(_PLACE_IN_WORDS.search(words))


def _tags_of(exif: bytes) -> dict[int, int]:
    """Return the first table of an EXIF block, tag to value; a broken one tells nothing, and none leads further."""
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


# --- JPEG ------------------------------------------------------------------------------------------------
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# Inside a scan 0xFF is followed by nothing but a stuffed zero, a restart, or filling.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JFIF, _ADOBE = 0xE0, 0xEE
_PROFILE_PART = b"ICC_PROFILE\0"


def strip_jpeg(data: bytes) -> StrippedPicture:
    """Keep the tables and scans of the first picture; count how often it is drawn over."""
    stripped, core, profile, scans = StrippedPicture(b"", 0, 0), bytearray(b"\xff\xd8"), [], 0
    for marker, piece in _segments(data):
        body = piece[4:]
        if marker in _FRAMES and len(body) >= 6:
            stripped.height, stripped.width = struct.unpack_from(">HH", body, 1)
        scans += marker == 0xDA
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            stripped.take_exif(body)
        elif marker == 0xE1:
            stripped.take_words(body)
        elif marker == 0xE2 and body.startswith(_PROFILE_PART):
            profile.append((body[12:13], body[14:]))
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in {_JFIF, _ADOBE}:
            core += piece
        if scans > MAX_SCANS or scans * stripped.width * stripped.height > MAX_DRAWN:
            raise BadPicture(TOO_OFTEN)
    stripped.core = bytes(core)
    stripped.profile = b"".join(part for _number, part in sorted(profile))[:MAX_PROFILE]
    return stripped


TOO_OFTEN = (
    "This JPEG file draws its picture over and over, which no camera does; "
    "open it in an image editor and export it again."
)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and bytes of each segment up to the end of the first picture; what lies behind is left behind."""
    at = 2
    while at + 1 < len(data):
        if data[at] != 0xFF:
            raise DamagedFile("something between segments")
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        end = at + 2
        if marker not in _ALONE and marker != 0xD9:
            end += _length(data, end)
        if marker == 0xDA:
            found = _AFTER_SCAN.search(data, end)
            end = found.start() if found else len(data)
        yield marker, data[at:end]
        if marker == 0xD9:
            return
        at = end


def _length(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise DamagedFile("cut short")
    length = int.from_bytes(data[at : at + 2])
    if length < 2 or at + length > len(data):
        raise DamagedFile("cut short")
    return length


# --- PNG -------------------------------------------------------------------------------------------------
_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def strip_png(data: bytes) -> StrippedPicture:
    """Keep header, palette and pixels of the still picture; of an animation only what stands in for it."""
    stripped, core = StrippedPicture(b"", 0, 0), [data[:8]]
    for kind, body, whole in _chunks(data):
        if kind == b"IHDR" and len(body) == 13:
            stripped.width, stripped.height = struct.unpack_from(">II", body)
        elif kind == b"iCCP":
            stripped.profile = _inflated(body.partition(b"\0")[2][1:])
        elif kind == b"eXIf":
            stripped.take_exif(body)
        elif kind in {b"iTXt", b"tEXt", b"zTXt"}:
            stripped.take_words(body)
        if kind in _NEEDED:
            core.append(whole)
    stripped.core = b"".join(core)
    return stripped


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield kind, content and all bytes of each chunk up to the end of the picture."""
    at = 8
    for _number in range(MAX_CHUNKS):
        if at + 12 > len(data):
            raise DamagedFile("cut short")
        length = int.from_bytes(data[at : at + 4])
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise DamagedFile("cut short")
        yield kind, data[at + 8 : end - 4], data[at:end]
        if kind == b"IEND":
            return
        at = end
    raise DamagedFile("too many pieces")


def _inflated(packed: bytes) -> bytes:
    """Unpack a profile; one that is broken, or larger than any, is none."""
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed, MAX_PROFILE)
    except zlib.error:
        return b""
    return b"" if unpacker.unconsumed_tail else profile


# --- WebP ------------------------------------------------------------------------------------------------
_SHOWN = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}
_SECRETS = 0b0010_1100  # the flags of profile, EXIF and XMP in the extended header


def strip_webp(data: bytes) -> StrippedPicture:
    """Keep the picture, or the pictures of an animation."""
    stripped, core = StrippedPicture(b"", 0, 0), []
    for kind, body in _pieces(data):
        if not stripped.width and kind in {b"VP8X", b"VP8L", b"VP8 "}:
            stripped.width, stripped.height = _webp_size(kind, body)
        if kind == b"ICCP":
            stripped.profile = body[:MAX_PROFILE]
        elif kind == b"EXIF":
            stripped.take_exif(body)
        elif kind == b"XMP ":
            stripped.take_words(body)
        if kind in _SHOWN:
            kept = bytes([body[0] & ~_SECRETS]) + body[1:] if kind == b"VP8X" else body
            core.append(kind + len(body).to_bytes(4, "little") + kept + b"\0" * (len(body) % 2))
    inside = b"WEBP" + b"".join(core)
    stripped.core = b"RIFF" + len(inside).to_bytes(4, "little") + inside
    return stripped


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int]:
    if len(body) < 10:
        raise DamagedFile("cut short")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _pieces(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk; the file's own length ends it, whatever hangs behind."""
    last = 8 + int.from_bytes(data[4:8], "little")
    if last > len(data) + 1:
        raise DamagedFile("cut short")
    at = 12
    while at + 8 <= min(last, len(data)):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise DamagedFile("cut short")
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


STRIPPERS = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}

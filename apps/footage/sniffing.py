"""Recognise a file's type from its first bytes, whatever its name says."""

import re

HEAD_BYTES = 512
JPEG = "a JPEG picture"
PNG = "a PNG picture"
WEBP = "a WebP picture"
HEIC = "a HEIC picture"
MP4 = "an MP4 video"
WEBM = "a WebM or Matroska video"
UNKNOWN = "something else"

_STARTS = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\x1a\x45\xdf\xa3": WEBM,
    b"GIF8": "a GIF animation",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"BM": "a BMP picture",
    b"8BPS": "a Photoshop document",
    b"%PDF": "a PDF document",
    b"%!PS": "a PostScript document",
    b"PK\x03\x04": "a ZIP archive",
    b"#EXTM3U": "a playlist",
}
_RIFFS = {b"WEBP": WEBP, b"AVI ": "an AVI video", b"WAVE": "a WAV sound"}
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), HEIC),
    **dict.fromkeys((b"hevc", b"hevx", b"msf1"), "a HEIC image sequence"),
    **dict.fromkeys((b"avif", b"avis"), "an AVIF picture"),
}
_MARKUP = {rb"<svg\b": "an SVG drawing", rb"<!doctype html|<html\b|<script\b": "a web page"}


def sniff(head: bytes) -> str:
    """Return the type of a file that starts with these bytes, to follow 'This looks like'."""
    if head[4:8] == b"ftyp":
        return _from_brands(head)
    if head[:4] == b"RIFF":
        return _RIFFS.get(head[8:12], UNKNOWN)
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    return _as_text(head[:HEAD_BYTES])


def _from_brands(head: bytes) -> str:
    # `mif1` means any still picture: an AVIF file may begin with it and name AVIF later.
    box = head[8 : min(int.from_bytes(head[:4]), HEAD_BYTES)]
    brands = [box[:4], *(box[at : at + 4] for at in range(8, len(box), 4))]
    if b"avif" in brands:
        return _BRANDS[b"avif"]
    return _BRANDS.get(brands[0], MP4)


def _as_text(head: bytes) -> str:
    for pattern, name in _MARKUP.items():
        if re.search(pattern, head, re.IGNORECASE):
            return name
    if head.lstrip().startswith(b"<?xml"):
        return "an XML document"
    if not head or any(byte < 9 or 13 < byte < 32 for byte in head):
        return UNKNOWN
    # The head may end inside a character, so up to three bytes are ignored.
    return "a text file" if any(_is_utf8(head[: len(head) - cut]) for cut in range(4)) else UNKNOWN


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True

"""Recognise a truncated video file by the lengths of its outermost boxes, without decoding it."""

import os
from pathlib import Path
from typing import BinaryIO

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"


def is_truncated(path: Path) -> bool:
    """Tell whether an MP4 or WebM file declares more bytes than it has."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) == _EBML:
            return _length_of_ebml(file, size) > size
        return _length_of_boxes(file, size) > size


def _length_of_boxes(file: BinaryIO, size: int) -> int:
    """Walk MP4's top-level boxes (length, name, body) and return where the last one ends."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:])
        # Zero means "up to the end"; other lengths below a header are left to the decoder.
        if length < 8:
            return size
        at += length
    return at


def _length_of_ebml(file: BinaryIO, size: int) -> int:
    """Add up WebM's two outermost elements; a live recording declares no length, so 0."""
    file.seek(len(_EBML))
    head = _variable_int(file) or 0
    if head > size:  # may be too far to seek
        return head
    file.seek(head, os.SEEK_CUR)
    if file.read(len(_SEGMENT)) != _SEGMENT:
        return 0
    length = _variable_int(file)
    return 0 if length is None else file.tell() + length


def _variable_int(file: BinaryIO) -> int | None:
    """Read a number of EBML: the first set bit gives its bytes; all ones mean unknown."""
    first = file.read(1)
    if first in {b"", b"\0"}:
        return None
    width = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(width - 1)) & ((1 << 7 * width) - 1)
    return None if value == (1 << 7 * width) - 1 else value

"""Whether a video file ends where its own outermost boxes say it ends; nothing is decoded for that."""

import os
from pathlib import Path
from typing import BinaryIO

_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def is_truncated(path: Path) -> bool:
    """Say whether an MP4 or WebM file promises more bytes than it has."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) == _EBML:
            return _promised_by_ebml(file, size) > size
        return _promised_by_boxes(file, size) > size


def _promised_by_boxes(file: BinaryIO, size: int) -> int:
    """Walk MP4's top-level boxes (a length, a name, a body) and say where the last one would end."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:])
        # zero means "up to the end", and anything below a header is nonsense for the decoder
        if length < 8:
            return size
        at += length
    return at


def _promised_by_ebml(file: BinaryIO, size: int) -> int:
    """Add up WebM's two outermost elements; a live recording leaves its length open and promises nothing."""
    file.seek(len(_EBML))
    head = _variable_int(file) or 0
    if head > size:  # further than any system seeks, perhaps
        return head
    file.seek(head, os.SEEK_CUR)
    if file.read(len(_SEGMENT)) != _SEGMENT:
        return 0
    length = _variable_int(file)
    return 0 if length is None else file.tell() + length


def _variable_int(file: BinaryIO) -> int | None:
    """Read EBML's number: the first set bit says how many bytes it has, all ones say 'unknown'."""
    first = file.read(1)
    if first in {b"", b"\0"}:
        return None
    width = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(width - 1)) & ((1 << 7 * width) - 1)
    return None if value == (1 << 7 * width) - 1 else value

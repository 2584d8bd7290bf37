"""HEIC, the one format whose decoder is too large to be trusted: it works in a cell (apps.footage.cell)."""

import json
import subprocess  # nosec B404  # for our own program
import sys
from pathlib import Path

from PIL import Image

from apps.footage import cell
from apps.footage.wrappings import MAX_PROFILE, Damaged, Parcel

WAIT = 60  # seconds on the clock
CELL = Path(cell.__file__)
_LONGEST_HEAD = 1000


class TooLarge(ValueError):
    """Its header promises more pixels than we take."""


def open_heic(data: bytes, *, most_pixels: int, longest: int) -> tuple[Image.Image, Parcel]:
    """Return the picture, upright, and what was wrapped around it; raise Damaged or TooLarge."""
    _hangs_together(data)
    program = [sys.executable, "-I", str(CELL), str(most_pixels), str(longest)]
    try:
        done = subprocess.run(  # noqa: S603  # our own program, with numbers  # nosec B603
            program, input=data, capture_output=True, timeout=WAIT, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise Damaged("it never came to an end") from None
    if done.returncode == cell.TOO_LARGE:
        raise TooLarge
    if done.returncode:
        raise Damaged("the decoder gave up")
    return _unpacked(done.stdout)


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
        raise Damaged("it has no table of contents")


def _unpacked(answer: bytes) -> tuple[Image.Image, Parcel]:
    """Believe nothing of what comes out of the cell but what adds up."""
    end = answer.find(b"\n", 0, _LONGEST_HEAD)
    head = json.loads(answer[: max(end, 0)])
    parts, at = {}, end + 1
    for name, length in head["parts"].items():
        parts[name] = memoryview(answer)[at : at + length]
        at += length
    size = int(head["width"]), int(head["height"])
    image = Image.frombuffer("RGBA" if head["mode"] == "RGBA" else "RGB", size, parts["pixels"])  # type: ignore[arg-type]
    parcel = Parcel(b"", *size, profile=bytes(parts["profile"][:MAX_PROFILE]))
    parcel.take_exif(bytes(parts["exif"]))
    parcel.take_words(bytes(parts["words"]))
    parcel.orientation = 1  # the file's own turns were made, and by the standard no others count
    return image, parcel

"""The cell in which pictures are opened: a program of its own, with little memory and little time.

It reads a file from its input and writes one line of JSON and the pixels to its output. Nothing of
ours is in its memory or its environment, and whoever started it believes nothing but what adds up
(apps.footage.decode_isolated).
"""

import contextlib
import json
import resource
import sys

from apps.footage.decoding import open_picture
from apps.footage.errors import BadPicture

SECONDS = 30  # of the processor
MEMORY = 4 * 512 * 1024**2  # bytes of addresses


def lock_in() -> None:
    """Give up what a decoder that has been taken over would want: memory, time, files and lines to others."""
    bounds = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_CORE: 0,
    }
    for what, bound in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # a system that knows no such bound
            resource.setrlimit(what, (bound, bound))


def main(format_: str) -> None:
    """Open what comes in, and hand out its pixels or the sentence that refuses it."""
    lock_in()
    data, out = sys.stdin.buffer.read(), sys.stdout.buffer
    try:
        opened = open_picture(format_, data)
    except BadPicture as fault:
        out.write(json.dumps({"refused": str(fault)}).encode() + b"\n")
        return
    del data
    width, height = opened.image.size
    head = {"width": width, "height": height, "has_location": opened.has_location}
    out.write(json.dumps(head).encode() + b"\n")
    for strip in opened.strips():
        out.write(strip)

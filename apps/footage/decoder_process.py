"""The isolated process that decodes pictures, with little memory and little time.

It reads a file from its input, and writes one line of JSON and the pixels to its output. Its memory
and environment contain no secrets. The parent process checks every byte of the output
(apps.footage.decode_isolated).
"""

import contextlib
import json
import resource
import sys

from apps.footage.decoding import decode
from apps.footage.errors import BadPicture

CPU_SECONDS = 30
MAX_ADDRESS_BYTES = 2 * 1024**3


def drop_privileges() -> None:
    """Give up what a decoder under attack could abuse: memory, time, files and connections."""
    limits = {
        resource.RLIMIT_AS: MAX_ADDRESS_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_CORE: 0,
    }
    for resource_id, limit in limits.items():
        with contextlib.suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(resource_id, (limit, limit))


def main(format_: str) -> None:
    """Decode the file on standard input; write its pixels, or the sentence that refuses it."""
    drop_privileges()
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        picture = decode(format_, data)
    except BadPicture as error:
        out.write(json.dumps({"refused": str(error)}).encode() + b"\n")
        return
    del data
    width, height = picture.image.size
    head = {"width": width, "height": height, "has_location": picture.has_location}
    out.write(json.dumps(head).encode() + b"\n")
    for strip in picture.strips():
        out.write(strip)

"""The cell in which HEIC is opened: run as a program of its own, with little memory and little time.

It reads a file from its input and writes one line of JSON, the profile of colours and the pixels to its output. It
imports nothing of the house, so that it starts at once and nothing of ours is in its memory.
"""

import contextlib
import json
import resource
import sys
from io import BytesIO

import pillow_heif

SECONDS = 30  # of the processor
MEMORY = 3 * 512 * 1024**2  # bytes of addresses
TOO_LARGE = 3  # what it says when it ends so
STRIP = 256  # rows handed out at a time
WRAPPED = {"profile": "icc_profile", "exif": "exif", "words": "xmp"}


def lock_in() -> None:
    """Give up what a decoder that has been taken over would want: memory, time, files."""
    bounds = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, bound in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # a system that knows no such bound
            resource.setrlimit(what, (bound, bound))


def main(most_pixels: int, longest: int) -> int:
    """Decode what comes in; refuse what is too large by its header."""
    data = sys.stdin.buffer.read()
    pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.options.DECODE_THREADS = 1
    heif = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    width, height = heif.size
    if width * height > most_pixels or max(width, height) > longest:
        return TOO_LARGE
    image, about = heif.to_pillow(), dict(heif.info)
    del heif  # and with it a copy of all pixels
    colours = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode != colours:
        image = image.convert(colours)
    parts = {name: about.get(key) or b"" for name, key in WRAPPED.items()}
    lengths = {name: len(part) for name, part in parts.items()} | {"pixels": width * height * len(colours)}
    head = {"width": width, "height": height, "mode": colours, "parts": lengths}
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode() + b"\n" + b"".join(parts.values()))
    for top in range(0, height, STRIP):
        out.write(image.crop((0, top, width, min(top + STRIP, height))).tobytes())
    return 0


if __name__ == "__main__":
    lock_in()
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

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
MEMORY = 2 * 1024**3  # bytes of addresses
TOO_LARGE = 3  # what it says when it ends so
GPS = 0x8825


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
    image = heif.to_pillow()
    colours = "RGBA" if image.has_transparency_data else "RGB"
    profile = heif.info.get("icc_profile") or b""
    exif, words = heif.info.get("exif") or b"", heif.info.get("xmp") or b""
    parts = {"profile": profile, "exif": exif, "words": words, "pixels": image.convert(colours).tobytes()}
    lengths = {name: len(part) for name, part in parts.items()}
    head = {"width": image.width, "height": image.height, "mode": colours, "parts": lengths}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for part in parts.values():
        sys.stdout.buffer.write(part)
    return 0


if __name__ == "__main__":
    lock_in()
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

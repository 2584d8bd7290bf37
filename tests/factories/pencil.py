"""A quick hand for sandboxes in tests that are not about drawing; run it as the sandbox's command."""

from argparse import ArgumentParser
from pathlib import Path

import av
import cv2

from apps.animator.sizes import size_of
from apps.footage.pictures import read_picture
from apps.sandbox.serving import add_options, serve
from apps.vendors.types import Value


def pencil(picture: bytes, request: dict[str, Value], target: Path) -> bool:
    """Write a real clip of the right size in which nothing moves; a prompt can ask for a fault or a flag."""
    if "explode" in str(request["prompt"]):
        raise ArithmeticError("the pencil broke")
    size = size_of(str(request["resolution"]), str(request["aspect_ratio"]))
    pixels = cv2.resize(read_picture(picture).pixels, size).astype("uint8")
    with av.open(target, "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for _ in range(24):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        film.mux(stream.encode())
    return "beach" in str(request["prompt"])


if __name__ == "__main__":
    parser = ArgumentParser()
    add_options(parser)
    serve(parser.parse_args(), draw=pencil)

"""A sandbox whose clips take no time to draw, for tests of anything else: runs as `apps.sandbox` does."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from apps.sandbox import quick_drawing
from apps.sandbox.serving import add_options, serve
from apps.vendors.offer import Value


def draw_quickly(picture: bytes, wish: Mapping[str, Value], target: Path, take: int) -> bool:
    """Write a real clip of the right size in which nothing moves; a prompt can ask for a fault or a flag."""
    if "explode" in str(wish["prompt"]):
        raise ArithmeticError("the engine broke")
    quick_drawing.draw(picture, wish, target, take)
    return "beach" in str(wish["prompt"])


if __name__ == "__main__":
    parser = ArgumentParser()
    add_options(parser)
    serve(parser.parse_args(), draw=draw_quickly)

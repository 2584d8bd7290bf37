"""A sandbox that draws still clips, for tests of anything else: runs as `apps.sandbox` does."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from apps.sandbox import quick_drawing
from apps.sandbox.serving import add_options, serve
from apps.vendors.offer import Value


def draw_quickly(picture: bytes, wish: Mapping[str, Value], target: Path, take: int) -> bool:
    """Write a still clip of the right size; a prompt can ask for a fault or a flag."""
    if "explode" in str(wish["prompt"]):
        raise ArithmeticError("the engine broke")
    quick_drawing.draw(picture, wish, target, take)
    return "beach" in str(wish["prompt"])


def main(arguments: list[str]) -> None:
    """Serve with these command line arguments."""
    parser = ArgumentParser()
    add_options(parser)
    serve(parser.parse_args(arguments), draw=draw_quickly)


if __name__ == "__main__":
    main(sys.argv[1:])

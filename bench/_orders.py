"""Sends the rivals' tasks one after the other: `python -m bench._orders block 500 12`."""

import sys
import time

import django

django.setup()

from bench import _rivals  # noqa: E402


def main(design: str, size: int, seconds: float) -> None:
    task = {"block": _rivals.block, "poll": _rivals.poll}[design]
    first = time.time() + 6  # the worker is up by then
    print(first, flush=True)
    for number in range(size):
        time.sleep(max(0.0, first + seconds * number / size - time.time()))
        task.apply_async((f"v-{number}", seconds), queue=_rivals.QUEUE)


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))

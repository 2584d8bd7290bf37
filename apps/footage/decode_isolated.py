"""The wall around the cell: a stranger's file goes in, and pixels come out, or a reason, within a bound of time."""

import json
import signal
import subprocess  # nosec B404  # for our own program
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

import numpy as np

from apps.footage.containers import TOO_OFTEN, DamagedFile
from apps.footage.decoding import MAX_PIXELS, TOO_LARGE, TOO_LONG
from apps.footage.errors import BadPicture
from apps.footage.pixels import Pixels

WAIT = 60.0  # seconds on the clock
_LONGEST_HEAD = 1000
_LONGEST = _LONGEST_HEAD + 3 * MAX_PIXELS
_HOUSE = str(Path(__file__).parents[2])
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from apps.footage.decoder_process import main; main(sys.argv[2])"
_KILLED = {-signal.SIGKILL, -signal.SIGXCPU}
TOO_MUCH = (
    "This picture takes more time or memory to read than any should; "
    "open it in an image editor and export it again."
)


def decode_isolated(format_: str, data: bytes, *, wait: float = WAIT) -> tuple[Pixels, bool]:
    """Return the pixels of a file, and whether it says where it was taken; raise BadPicture or DamagedFile."""
    return _believed(_answer(format_, data, wait))


def _answer(format_: str, data: bytes, wait: float) -> bytes:
    """Hand a file into a cell of its own and return what comes out, up to the most that could be true."""
    program = [sys.executable, "-I", "-c", _PROGRAM, _HOUSE, format_]
    with subprocess.Popen(  # noqa: S603  # our own program, with a word of ours  # nosec B603
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as cell:
        clock = Timer(wait, cell.kill)
        clock.start()
        try:
            answer = _exchanged(cell, data)
            # by the clock, or by its own bounds
            if len(answer) < _LONGEST and cell.wait() in _KILLED:
                raise BadPicture(TOO_MUCH)
            return answer
        finally:
            clock.cancel()
            cell.kill()


def _exchanged(cell: subprocess.Popen[bytes], data: bytes) -> bytes:
    """Write it all, then read it all: it reads everything before it writes anything, so nobody waits for the other."""
    assert cell.stdin  # noqa: S101  # both are pipes
    assert cell.stdout  # noqa: S101
    with suppress(BrokenPipeError), cell.stdin:
        cell.stdin.write(data)
    return cell.stdout.read(_LONGEST)


def _believed(answer: bytes) -> tuple[Pixels, bool]:
    """Take what adds up, and nothing else."""
    end = answer.find(b"\n", 0, _LONGEST_HEAD)
    if end < 0:
        raise DamagedFile("the decoder gave up, or never came to an end")
    head = json.loads(answer[:end])
    if head.get("refused") in {TOO_LARGE, TOO_LONG, TOO_OFTEN}:
        raise BadPicture(head["refused"])
    width, height = int(head["width"]), int(head["height"])
    if min(width, height) < 1 or len(answer) != end + 1 + 3 * width * height:
        raise DamagedFile("the decoder gave up half way")
    pixels = np.frombuffer(answer, np.uint8, offset=end + 1).reshape(height, width, 3)
    return pixels, head["has_location"] is True

"""Decode a stranger's picture in a process of its own, within a limit of time."""

import json
import signal
import subprocess  # nosec B404  # for our own program
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

import numpy as np

from apps.footage.containers import TOO_MANY_SCANS, DamagedFile
from apps.footage.decoding import MAX_PIXELS, TOO_LARGE, TOO_LONG
from apps.footage.errors import BadPicture
from apps.footage.pixels import Pixels

TIMEOUT_SECONDS = 60.0
_MAX_HEAD_BYTES = 1000
_MAX_OUTPUT_BYTES = _MAX_HEAD_BYTES + 3 * MAX_PIXELS
_ROOT = str(Path(__file__).parents[2])
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from apps.footage.decoder_process import main; main(sys.argv[2])"
)
_KILLED = {-signal.SIGKILL, -signal.SIGXCPU}
TOO_MUCH = (
    "This picture takes too much time or memory to read; "
    "open it in an image editor and export it again."
)


def decode_isolated(
    format_: str, data: bytes, *, timeout: float = TIMEOUT_SECONDS
) -> tuple[Pixels, bool]:
    """Return a file's pixels, and whether it contains a location.

    Raises BadPicture or DamagedFile.
    """
    return _parse_output(_run(format_, data, timeout))


def _run(format_: str, data: bytes, timeout: float) -> bytes:
    """Return the output of a decoder process, up to the largest that could be valid."""
    program = [sys.executable, "-I", "-c", _PROGRAM, _ROOT, format_]
    with subprocess.Popen(  # noqa: S603  # our own program, with a word of ours  # nosec B603
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as process:
        clock = Timer(timeout, process.kill)
        clock.start()
        try:
            output = _communicate(process, data)
            # Killed by our timer, or by a limit of its own.
            if len(output) < _MAX_OUTPUT_BYTES and process.wait() in _KILLED:
                raise BadPicture(TOO_MUCH)
            return output
        finally:
            clock.cancel()
            process.kill()


def _communicate(process: subprocess.Popen[bytes], data: bytes) -> bytes:
    """Write the file, then read the output: the process reads all before it writes anything."""
    assert process.stdin  # noqa: S101  # both are pipes
    assert process.stdout  # noqa: S101
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(data)
    return process.stdout.read(_MAX_OUTPUT_BYTES)


def _parse_output(output: bytes) -> tuple[Pixels, bool]:
    """Return the pixels, after checking that head and length agree."""
    end = output.find(b"\n", 0, _MAX_HEAD_BYTES)
    if end < 0:
        raise DamagedFile("the decoder failed or did not finish")
    head = json.loads(output[:end])
    if head.get("refused") in {TOO_LARGE, TOO_LONG, TOO_MANY_SCANS}:
        raise BadPicture(head["refused"])
    width = int(head["width"])
    height = int(head["height"])
    if min(width, height) < 1 or len(output) != end + 1 + 3 * width * height:
        raise DamagedFile("the decoder failed half way")
    pixels = np.frombuffer(output, np.uint8, offset=end + 1).reshape(height, width, 3)
    return pixels, head["has_location"] is True

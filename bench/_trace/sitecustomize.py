"""Writes down which functions of `apps/` a process calls while the flag is up: for bench.generate.

Python imports a module of this name by itself when it starts, if its folder is in PYTHONPATH.
"""

import mmap
import os
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

FOLDER = os.environ.get("MJWEB_TRACE", "")
APPS = str(Path(__file__).resolve().parents[2] / "apps") + os.sep
seen: set[CodeType] = set()


def trace(folder: Path) -> None:
    """Write each function of ours once, into a file that all processes share."""
    flag = mmap.mmap(os.open(folder / "flag", os.O_RDONLY), 1, prot=mmap.PROT_READ)
    calls = os.open(folder / "calls", os.O_WRONLY | os.O_APPEND)

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or flag[0] == 0 or code in seen:
            return
        seen.add(code)
        if code.co_filename.startswith(APPS) and not code.co_name.startswith("<"):
            name = code.co_filename.removeprefix(APPS)
            os.write(calls, f"{name} {code.co_qualname}\n".encode())

    threading.setprofile(note)
    sys.setprofile(note)


# The sandbox is the vendor: what it does is no step of ours.
if FOLDER and "sandbox" not in sys.orig_argv:
    trace(Path(FOLDER))

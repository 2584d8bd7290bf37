"""Processes that tests, drills and benchmarks start, and that never outlive them.

A guard process reads the process groups from a pipe. When its writer is gone, killed or not, the
guard kills the groups in the last line.
"""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Lock
from typing import Any

from mjweb.supervisor import GUARD

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Guard:
    """The processes that this process has started, and the guard that ends them after it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._processes: list[subprocess.Popen[Any]] = []
        self._guard: subprocess.Popen[str] | None = None

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[Any]:
        """Start a process in a group of its own."""
        with self._lock:
            self._write()  # the guard is there before whatever it guards
            process = subprocess.Popen(command, start_new_session=True, **options)
            self._processes.append(process)
            self._write()
        return process

    def kill(self, process: subprocess.Popen[Any]) -> None:
        """End a process and its group at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        with self._lock:
            self._write()

    def _write(self) -> None:
        if self._guard is None:
            self._guard = subprocess.Popen(
                GUARD, stdin=subprocess.PIPE, text=True, start_new_session=True
            )
        self._processes = [one for one in self._processes if one.returncode is None]
        with suppress(OSError):
            print(*(f"-{one.pid}" for one in self._processes), file=self._guard.stdin, flush=True)


_guard = Guard()
start_process = _guard.start
kill_process = _guard.kill


def end_with_parent() -> None:
    """End this process when whoever started it is killed; Linux alone knows how."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("The process that started this one has ended.")

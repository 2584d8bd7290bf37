"""Processes forked from one that has already imported the sandbox, which takes most of a start.

A forked process is as real as any other: it has its own memory, can be killed, and ends with the
process that started it.
"""

import multiprocessing
import os
import signal
import sys
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from threading import Thread
from typing import TextIO

# Imported once, in the process that all others are forked from.
PRELOADED = ["tests.support.quick_engine"]


class ForkedProcess:
    """A forked process with the interface of `subprocess.Popen`, as far as tests use it."""

    def __init__(self, process: ForkServerProcess, stdout: TextIO) -> None:
        self._process = process
        self.stdout = stdout

    def send_signal(self, number: int) -> None:
        """Send a signal to the process if it is still alive."""
        if self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def wait(self, timeout: float) -> int:
        """Wait for the end of the process and return its exit code."""
        self._process.join(timeout)
        exit_code = self._process.exitcode
        assert exit_code is not None, "the process did not end in time"
        return exit_code

    def poll(self) -> int | None:
        """Return the exit code; None where the process still runs."""
        return self._process.exitcode


def fork_process(module: str, arguments: list[str]) -> ForkedProcess:
    """Start a process that calls a module's `main`; its standard output can be read as text."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_run_forked, args=(module, arguments, writer))
    process.start()
    writer.close()
    stdout = os.fdopen(os.dup(reader.fileno()))
    reader.close()
    return ForkedProcess(process, stdout)


def _run_forked(module: str, arguments: list[str], output: Connection) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout = os.fdopen(os.dup(output.fileno()), "w")
    output.close()
    import_module(module).main(arguments)


def _end_with_parent() -> None:
    """End this process when the test process has ended, killed or not."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)

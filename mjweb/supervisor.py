"""Supervise processes: restart any that exits, prefix their logs, and stop all of them in order."""

import asyncio
import os
import signal
import subprocess  # nosec B404  # for our own processes
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

COLOURS = {"web": 36, "worker": 33, "saver": 34, "scheduler": 35, "sandbox": 32}
STOP_SECONDS = 12.0  # after this, a process is killed
HEALTHY_AFTER_SECONDS = 10.0  # a process that has run for so long restarts without delay
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SIGNALS = [signal.SIGINT, signal.SIGTERM]
if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
    SIGNALS.append(signal.SIGHUP)  # the terminal was closed
# Reads the running process groups, a line for each change. Kills those of the last line when its
# input is closed.
GUARD = [
    "sh",
    "-c",
    'while read -r line; do left=$line; done; [ -z "$left" ] || kill -s KILL -- $left 2>/dev/null',
]


@dataclass
class SupervisedProcess:
    """A process, and the command that starts it again."""

    name: str
    command: list[str]
    on_change: Callable[[], None] = field(default=lambda: None)
    process: asyncio.subprocess.Process | None = field(default=None)

    async def keep_alive(self, stopping: asyncio.Event) -> None:
        """Start the process and restart it whenever it exits, with growing pauses if at once."""
        pause = FIRST_PAUSE_SECONDS
        while not stopping.is_set():
            began = time.monotonic()
            code = await self._run_once()
            if stopping.is_set():
                return
            was_healthy = time.monotonic() - began > HEALTHY_AFTER_SECONDS
            pause = FIRST_PAUSE_SECONDS if was_healthy else min(pause * 2, LONGEST_PAUSE_SECONDS)
            _print_line(self.name, f"stopped with code {code}; starting again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _run_once(self) -> int:
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only this process, which stops the others
            limit=1 << 20,
        )
        self.on_change()
        printing = asyncio.create_task(self._print_output())
        # Not wait(): before Python 3.13 it also waits for the pipe, which children may keep open.
        while self.process.returncode is None:  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.1)
        self._signal(signal.SIGKILL)  # ends children that it left behind
        await printing
        self.on_change()
        return self.process.returncode

    async def _print_output(self) -> None:
        assert self.process  # noqa: S101  # _run_once() has started it
        assert self.process.stdout  # noqa: S101  # started with PIPE
        async for line in self.process.stdout:
            if text := line.decode(errors="replace").rstrip():
                _print_line(self.name, text)

    async def stop(self) -> None:
        """Ask the process to stop; kill it after a while."""
        if not self.process or self.process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process  # noqa: S101  # stop() has checked it
        # macOS raises PermissionError for a dead group
        with suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


def _print_line(name: str, line: str) -> None:
    prefix = f"{name:>9} │ "
    if sys.stdout.isatty():
        prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
    _print(prefix + line)


def _print(text: str) -> None:
    """Print, even if nobody reads: the terminal may be closed, or `| head` may have ended."""
    try:
        print(text, flush=True)
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


async def supervise(processes: list[SupervisedProcess]) -> None:
    """Run the processes until a signal stops this one."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    _guard(processes)
    tasks = [asyncio.create_task(one.keep_alive(stopping)) for one in processes]
    await stopping.wait()
    _print("\n  stopping …")
    await asyncio.gather(*(one.stop() for one in processes))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    _print("  all stopped.")


def _guard(processes: list[SupervisedProcess]) -> None:
    """End the processes even if this one is killed: nobody else knows them then."""
    guard = subprocess.Popen(GUARD, stdin=subprocess.PIPE, text=True, start_new_session=True)  # nosec B603  # our own arguments, no shell

    def report() -> None:
        living = [
            each.process.pid
            for each in processes
            if each.process and each.process.returncode is None
        ]
        with suppress(OSError):
            print(*(f"-{pid}" for pid in living), file=guard.stdin, flush=True)

    for one in processes:
        one.on_change = report

"""`make run`: the whole house on one machine, with every process real and watched over.

Prepares what is missing (folders, secret, database, static files, demo), then starts web, worker,
saver, scheduler and sandbox as processes of their own, prefixes their logs, starts again whichever
dies, and stops all of them on Ctrl-C.
"""

import asyncio
import errno
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess  # nosec B404  # for our own processes
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from mjweb.env import ROOT, Env, read_env

COLOURS = {"web": 36, "worker": 33, "saver": 34, "scheduler": 35, "sandbox": 32}
PATIENCE = 12.0  # seconds a process has to stop by itself
STEADY = 10.0  # seconds of life after which a process counts as healthy again
SIGNALS = [signal.SIGINT, signal.SIGTERM]
if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
    SIGNALS.append(signal.SIGHUP)  # the terminal was closed
# Reads which process groups live, the last line counts; ends them when nobody is left to write the
# next line.
GUARD = [
    "sh",
    "-c",
    'while read -r line; do left=$line; done; [ -z "$left" ] || kill -s KILL -- $left 2>/dev/null',
]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def main() -> None:
    """Prepare and run until Ctrl-C."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: sys.exit("\n  stopped before it had started."))
    os.umask(0o077)  # what we keep is for its owner's eyes only
    env = read_env()
    if not env.local:
        sys.exit(
            "mjweb cannot start: `make run` is for one machine and has a demo team whose password everybody knows. "
            "docs/operations.md says which processes production runs."
        )
    _insist_on_port(env.port)
    held = _insist_on_folder(env.data)
    os.environ.update(_environment(env))
    _prepare()
    _print_welcome(env)
    sandbox_port = int(os.environ["MJWEB_SANDBOX_URL"].rpartition(":")[2])
    with held:
        asyncio.run(
            _run(
                [
                    PolledJob(name, command)
                    for name, command in process_commands(env, sandbox_port).items()
                ]
            )
        )


def _insist_on_folder(data: Path) -> IO[Any]:
    """Return the folder's lock, which lasts as long as the file is open."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        held = (data / "lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Messages are hints and the rows say what is due: yesterday's are not worth reading.
        shutil.rmtree(data / "broker", ignore_errors=True)
        for name in ("broker/queue", "broker/control", "media", "sandbox"):
            (data / name).mkdir(parents=True, exist_ok=True)
    except BlockingIOError:
        sys.exit(
            f"mjweb cannot start: it runs in {data} already. Set MJWEB_DATA to another folder."
        )
    except OSError as fault:
        sys.exit(
            f"mjweb cannot start: it may not write to {data} ({fault.strerror}). Set MJWEB_DATA to a folder of yours."
        )
    return held


def _insist_on_port(port: int) -> None:
    fault = _port_fault(port)
    if fault == errno.EADDRINUSE:
        sys.exit(
            f"mjweb cannot start: port {port} is in use. Choose another, for example: PORT={port % 65535 + 1} make run"
        )
    if fault:
        sys.exit(
            f"mjweb cannot start: it may not listen on port {port} ({os.strerror(fault)}). Set PORT to another."
        )


def _port_fault(port: int) -> int:
    """Return why nobody could listen on this port of loopback, or 0; `localhost` means either address."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as fault:
            if fault.errno in {errno.EADDRINUSE, errno.EACCES}:
                return fault.errno
    return 0


def _environment(env: Env) -> dict[str, str]:
    """Return what all processes share: secrets made once and kept in the data folder, and the sandbox's address."""
    port = _kept(env.data / "sandbox" / "port", lambda: str(free_port()))
    if _port_fault(int(port)):
        port = str(free_port())
        (env.data / "sandbox" / "port").write_text(port)
    return {
        "DJANGO_SETTINGS_MODULE": "mjweb.settings.base",
        "PYTHONUNBUFFERED": "1",
        "MJWEB_DATA": str(env.data.resolve()),
        "MJWEB_SECRET_KEY": env.secret_key
        or _kept(env.data / "secret_key", lambda: secrets.token_urlsafe(50)),
        "MJWEB_SANDBOX_URL": env.sandbox_url or f"http://127.0.0.1:{port}",
        "MJWEB_SANDBOX_KEY": env.sandbox_key
        or _kept(env.data / "sandbox" / "key", lambda: "sandbox-" + secrets.token_urlsafe(24)),
        "MJWEB_DEMO": "1",
    }


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return what the file says, after writing it the first time, for its owner's eyes only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text().strip()


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _prepare() -> None:
    for step in (
        ["migrate", "--verbosity=0"],
        ["collectstatic", "--no-input", "--verbosity=0"],
        ["demo"],
    ):
        # In a session of its own: Ctrl-C reaches us alone, and we end the step.
        if code := subprocess.run([*MANAGE, *step], check=False, start_new_session=True).returncode:  # nosec B603  # our own words, no shell
            sys.exit(
                f"mjweb cannot start: `manage.py {step[0]}` ended with code {code}; what it said stands above."
            )


def _print_welcome(env: Env) -> None:
    subprocess.run([*MANAGE, "demo", "--logins"], check=True)  # nosec B603  # our own words, no shell
    print(
        f"\n  mjweb is starting on  http://localhost:{env.port}/   (Ctrl-C stops it)\n", flush=True
    )


@dataclass
class PolledJob:
    """A process, and how to start it again."""

    name: str
    command: list[str]
    changed: Callable[[], None] = field(default=lambda: None)
    process: asyncio.subprocess.Process | None = field(default=None)

    async def keep_alive(self, stopping: asyncio.Event) -> None:
        """Start the process, again whenever it dies, ever more slowly while it dies at once."""
        pause = 0.5
        while not stopping.is_set():
            began = time.monotonic()
            code = await self._live()
            if stopping.is_set():
                return
            pause = 0.5 if time.monotonic() - began > STEADY else min(pause * 2, 30)
            _say(self.name, f"stopped with code {code}; starting again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def _live(self) -> int:
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, so that we stop them in order
            limit=1 << 20,
        )
        self.changed()
        telling = asyncio.create_task(self._tell())
        # Not wait(): before Python 3.13 it waits for the pipe as well, which its children may hold
        # for long.
        while self.process.returncode is None:  # noqa: ASYNC110  # see above
            await asyncio.sleep(0.1)
        self._signal(signal.SIGKILL)  # whatever it left behind: the next one begins alone
        await telling
        self.changed()
        return self.process.returncode

    async def _tell(self) -> None:
        assert self.process  # noqa: S101  # _live() has started it
        assert self.process.stdout  # noqa: S101  # PIPE was asked for
        async for line in self.process.stdout:
            if text := line.decode(errors="replace").rstrip():
                _say(self.name, text)

    async def stop(self) -> None:
        """Ask the process to stop, and insist after a while."""
        if not self.process or self.process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), PATIENCE)
        except TimeoutError:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process  # noqa: S101  # stop() has looked
        # macOS answers the second for a dead group
        with suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


def _say(name: str, line: str) -> None:
    prefix = f"{name:>9} │ "
    if sys.stdout.isatty():
        prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
    _print(prefix + line)


def _print(text: str) -> None:
    """Print what may be heard by nobody: the terminal can be closed, and `| head` has read enough."""
    try:
        print(text, flush=True)
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def process_commands(env: Env, sandbox_port: int) -> dict[str, list[str]]:
    """Return the command of each process by its name, in the order they start."""
    python = [sys.executable, "-m"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=warning"]
    worker = [*python, "celery", "--app=mjweb", "--quiet", "worker", *quiet]
    return {
        "sandbox": [*MANAGE, "sandbox", f"--port={sandbox_port}", f"--data={env.data / 'sandbox'}"],
        "web": [
            *python, "uvicorn", "mjweb.asgi:application", "--host=127.0.0.1", f"--port={env.port}",
            "--timeout-graceful-shutdown=3", "--no-access-log", "--log-level=warning",
            "--no-proxy-headers",  # nothing stands in front: nobody comes from where they say
        ],
        # Bringing clips home takes long: it has hands of its own, and orders never wait behind it.
        "worker": [*worker, "--queues=rounds,orders,post", f"--concurrency={env.worker_slots}"],
        "saver": [*worker, "--queues=saving,checks", f"--concurrency={env.saver_slots}"],
        "scheduler": [*python, "celery", "--app=mjweb", "--quiet", "beat", "--loglevel=warning", "--pidfile="],
    }  # fmt: skip


async def _run(processes: list[PolledJob]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stopping.set)
    _guard(processes)
    tasks = [asyncio.create_task(watched.keep_alive(stopping)) for watched in processes]
    await stopping.wait()
    _print("\n  stopping …")
    await asyncio.gather(*(watched.stop() for watched in processes))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    _print("  all stopped.")


def _guard(processes: list[PolledJob]) -> None:
    """Have the processes ended even if we are killed: nobody else knows of them then."""
    guard = subprocess.Popen(GUARD, stdin=subprocess.PIPE, text=True, start_new_session=True)  # nosec B603  # our own words, no shell

    def tell() -> None:
        living = [
            each.process.pid
            for each in processes
            if each.process and each.process.returncode is None
        ]
        with suppress(OSError):
            print(*(f"-{pid}" for pid in living), file=guard.stdin, flush=True)

    for watched in processes:
        watched.changed = tell


if __name__ == "__main__":
    main()

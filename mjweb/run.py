"""`make run`: the whole house on one machine, with every process real and watched over.

Prepares what is missing (folders, secret, database, static files, demo), then starts web, worker,
scheduler and sandbox as processes of their own, prefixes their logs, starts again whichever dies, and
stops all of them on Ctrl-C.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mjweb.env import ROOT, Env, read_env

COLOURS = {"web": 36, "worker": 33, "scheduler": 35, "sandbox": 32}
PATIENCE = 12.0  # seconds a process has to stop by itself
STEADY = 10.0  # seconds of life after which a process counts as healthy again
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def main() -> None:
    """Prepare and run until Ctrl-C."""
    env = read_env()
    _insist_on_port(env.port)  # first: whoever holds it may be at work in the very same folder
    _insist_on_folder(env.data)
    os.environ.update(_environment(env))
    _prepare()
    _print_welcome(env)
    sandbox_port = int(os.environ["MJWEB_SANDBOX_URL"].rpartition(":")[2])
    asyncio.run(
        _run([Watched(name, command) for name, command in process_commands(env, sandbox_port).items()])
    )


def _insist_on_folder(data: Path) -> None:
    try:
        # Messages are hints and the rows say what is due: yesterday's are not worth reading.
        shutil.rmtree(data / "broker", ignore_errors=True)
        for name in ("broker/queue", "broker/control", "media", "sandbox"):
            (data / name).mkdir(parents=True, exist_ok=True)
        probe = data / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as fault:
        sys.exit(
            f"mjweb cannot start: it may not write to {data} ({fault.strerror}). Set MJWEB_DATA to a folder of yours."
        )


def _insist_on_port(port: int) -> None:
    if not _is_free(port):
        sys.exit(
            f"mjweb cannot start: port {port} is in use. Choose another, for example: PORT={port + 1} make run"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _environment(env: Env) -> dict[str, str]:
    """Return what all processes share: secrets made once and kept in the data folder, and the sandbox's address."""
    port = _kept(env.data / "sandbox" / "port", lambda: str(free_port()))
    if not _is_free(int(port)):
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
    for step in (["migrate", "--verbosity=0"], ["collectstatic", "--no-input", "--verbosity=0"], ["demo"]):
        if code := subprocess.run([*MANAGE, *step], check=False).returncode:
            sys.exit(
                f"mjweb cannot start: `manage.py {step[0]}` ended with code {code}; what it said stands above."
            )


def _print_welcome(env: Env) -> None:
    subprocess.run([*MANAGE, "demo", "--logins"], check=True)
    print(f"\n  mjweb is starting on  http://localhost:{env.port}/   (Ctrl-C stops it)\n", flush=True)


@dataclass
class Watched:
    """A process, and how to start it again."""

    name: str
    command: list[str]
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
        assert self.process.stdout  # noqa: S101  # PIPE was asked for
        async for line in self.process.stdout:
            _say(self.name, line.decode(errors="replace").rstrip())
        return await self.process.wait()

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
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)


def _say(name: str, line: str) -> None:
    prefix = f"{name:>9} │ "
    if sys.stdout.isatty():
        prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
    print(prefix + line, flush=True)


def process_commands(env: Env, sandbox_port: int) -> dict[str, list[str]]:
    """Return the command of each process by its name, in the order they start."""
    python = [sys.executable, "-m"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=warning"]
    queues = "--queues=rounds,orders,saving,checks"
    return {
        "sandbox": [*MANAGE, "sandbox", f"--port={sandbox_port}", f"--data={env.data / 'sandbox'}"],
        "web": [
            *python, "uvicorn", "mjweb.asgi:application", "--host=127.0.0.1", f"--port={env.port}",
            "--timeout-graceful-shutdown=3", "--no-access-log", "--log-level=warning",
        ],
        "worker": [*python, "celery", "--app=mjweb", "--quiet", "worker", queues, *quiet],
        "scheduler": [*python, "celery", "--app=mjweb", "--quiet", "beat", "--loglevel=warning", "--pidfile="],
    }  # fmt: skip


async def _run(processes: list[Watched]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(watched.keep_alive(stopping)) for watched in processes]
    await stopping.wait()
    print("\n  stopping …", flush=True)
    await asyncio.gather(*(watched.stop() for watched in processes))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print("  all stopped.", flush=True)


if __name__ == "__main__":
    main()

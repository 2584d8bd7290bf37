"""`make run`: start the whole product on one machine, with every process supervised.

It creates what is missing: folders, secrets, database, static files, demo. Then it starts web,
worker, saver, scheduler and sandbox as separate processes and prefixes their logs. It restarts any
that exits, and stops all of them on Ctrl-C.
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
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from mjweb.env import ROOT, Env, read_env
from mjweb.supervisor import SIGNALS, SupervisedProcess, supervise

MANAGE = [sys.executable, str(ROOT / "manage.py")]


def main() -> None:
    """Prepare and run until Ctrl-C."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: sys.exit("\n  stopped before the start."))
    os.umask(0o077)  # our files are readable by their owner only
    env = read_env()
    if not env.local:
        sys.exit(
            "mjweb cannot start: `make run` is for one machine and has a demo team with a public "
            "password. docs/operations.md lists the processes of production."
        )
    _require_free_port(env.port)
    lock = _lock_folder(env.data)
    os.environ.update(_environment(env))
    _prepare()
    _print_welcome(env)
    sandbox_port = int(os.environ["MJWEB_SANDBOX_URL"].rpartition(":")[2])
    commands = process_commands(env, sandbox_port)
    with lock:
        asyncio.run(supervise([SupervisedProcess(*named) for named in commands.items()]))


def _lock_folder(data: Path) -> IO[Any]:
    """Return the lock of the data folder; it lasts as long as the file is open."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Messages are only hints: the database says what is due, so old messages are dropped.
        shutil.rmtree(data / "broker", ignore_errors=True)
        for name in ("broker/queue", "broker/control", "media", "sandbox"):
            (data / name).mkdir(parents=True, exist_ok=True)
    except BlockingIOError:
        sys.exit(
            f"mjweb cannot start: it already runs in {data}. Set MJWEB_DATA to another folder."
        )
    except OSError as error:
        sys.exit(
            f"mjweb cannot start: it can't write to {data} ({error.strerror}). "
            "Set MJWEB_DATA to a folder of yours."
        )
    return lock


def _require_free_port(port: int) -> None:
    problem = _port_problem(port)
    if problem == errno.EADDRINUSE:
        sys.exit(
            f"mjweb cannot start: port {port} is in use. "
            f"Choose another, for example: PORT={port % 65535 + 1} make run"
        )
    if problem:
        sys.exit(
            f"mjweb cannot start: it can't listen on port {port} ({os.strerror(problem)}). "
            "Set PORT to another."
        )


def _port_problem(port: int) -> int:
    """Return the error number of listening on this loopback port, IPv4 or IPv6; 0 if it is free."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return error.errno
    return 0


def _environment(env: Env) -> dict[str, str]:
    """Return the environment of all processes: the secrets, and the sandbox's URL and key."""
    port = _read_or_create(env.data / "sandbox" / "port", lambda: str(free_port()))
    if _port_problem(int(port)):
        port = str(free_port())
        (env.data / "sandbox" / "port").write_text(port)
    return {
        "DJANGO_SETTINGS_MODULE": "mjweb.settings.base",
        "PYTHONUNBUFFERED": "1",
        "MJWEB_DATA": str(env.data.resolve()),
        "MJWEB_SECRET_KEY": env.secret_key
        or _read_or_create(env.data / "secret_key", lambda: secrets.token_urlsafe(50)),
        "MJWEB_SANDBOX_URL": env.sandbox_url or f"http://127.0.0.1:{port}",
        "MJWEB_SANDBOX_KEY": env.sandbox_key
        or _read_or_create(
            env.data / "sandbox" / "key", lambda: "sandbox-" + secrets.token_urlsafe(24)
        ),
        "MJWEB_DEMO": "1",
    }


def _read_or_create(path: Path, make: Callable[[], str]) -> str:
    """Return the text of a file; create it the first time, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text().strip()


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _prepare() -> None:
    for step in (
        ["migrate", "--verbosity=0"],
        ["collectstatic", "--no-input", "--verbosity=0"],
        ["demo"],
    ):
        # In a session of its own: Ctrl-C reaches only this process, which then ends the step.
        done = subprocess.run([*MANAGE, *step], check=False, start_new_session=True)  # nosec B603  # our own arguments, no shell
        if done.returncode:
            sys.exit(
                f"mjweb cannot start: `manage.py {step[0]}` failed with code {done.returncode}; "
                "its output is above."
            )


def _print_welcome(env: Env) -> None:
    subprocess.run([*MANAGE, "demo", "--logins"], check=True)  # nosec B603  # our own arguments, no shell
    print(
        f"\n  mjweb is starting on  http://localhost:{env.port}/   (Ctrl-C stops it)\n", flush=True
    )


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
            "--no-proxy-headers",  # no proxy in front: forwarded addresses are not trusted
        ],
        # Downloads take long and have a worker of their own: orders never wait behind them.
        "worker": [*worker, "--queues=rounds,orders,post", f"--concurrency={env.worker_slots}"],
        "saver": [*worker, "--queues=saving,checks", f"--concurrency={env.saver_slots}"],
        "scheduler": [
            *python, "celery", "--app=mjweb", "--quiet", "beat", "--loglevel=warning", "--pidfile=",
        ],
    }  # fmt: skip


if __name__ == "__main__":
    main()

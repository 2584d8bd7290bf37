"""The whole product: web, workers, scheduler and sandbox as real processes on free ports.

The processes are those of `make run` (mjweb.run), started one by one, so that a test can kill each
with SIGKILL and start it again.
"""

import fcntl
import itertools
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import pytest
import redis

from mjweb.env import ROOT, Env
from mjweb.run import MANAGE, free_port, process_commands
from tests.support.database import copy_template
from tests.support.processes import kill_process, start_process

T = TypeVar("T")
SET_UP = """
import sys
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
call_command("demo", longest=int(sys.argv[1]))
"""
PICTURES = ROOT / "apps" / "demo" / "pictures"
PATIENCE = 90.0  # seconds; the machine may be slow, a failure is worth the wait


@dataclass
class Stack:
    """One installation with its own data, ports and processes."""

    data: Path
    port: int = field(default_factory=free_port)
    sandbox_port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    # What some processes are told beyond the usual, by name.
    options: dict[str, list[str]] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    # When each process was started last, in seconds since 1970.
    started_at: dict[str, float] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address people use."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this installation is told."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        given = {name: value for name, value in os.environ.items() if name in PASSED_ON}
        return {
            **kept,
            **given,
            "DJANGO_SETTINGS_MODULE": "mjweb.settings.base",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "default",
            "MJWEB_DATA": str(self.data),
            "PORT": str(self.port),
            "MJWEB_SECRET_KEY": "stack-" + "s" * 50,
            "MJWEB_SANDBOX_URL": f"http://127.0.0.1:{self.sandbox_port}",
            "MJWEB_SANDBOX_KEY": "sandbox-key-of-the-tests",
            "MJWEB_DEMO": "1",
            "MJWEB_CLAIM_SECONDS": "3",
            **self.settings,
        }

    def manage(self, *arguments: str) -> None:
        """Run a management command of this installation."""
        subprocess.run([*MANAGE, *arguments], check=True, env=self.environment, capture_output=True)

    def set_up(self, longest: int) -> None:
        """Migrate, collect static files and make the demo, in one process instead of three."""
        command = [sys.executable, "-c", SET_UP, str(longest)]
        subprocess.run(command, check=True, env=self.environment, cwd=ROOT, capture_output=True)

    def start(self, *names: str) -> None:
        """Start some processes, or all of them; wait until those that listen do."""
        env = Env(data=self.data, PORT=self.port)  # type: ignore[call-arg]  # pydantic's alias
        commands = process_commands(env, self.sandbox_port)
        for name in names or commands:
            log = (self.data / f"{name}.log").open("ab")
            self.started_at[name] = time.time()
            self.processes[name] = start_process(
                [*commands[name], *self.options.get(name, [])],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            log.close()
        for name in names or commands:
            self._await_listening(name)

    def _await_listening(self, name: str) -> None:
        port = {"web": self.port, "sandbox": self.sandbox_port}.get(name)
        if port:
            until(lambda: answers(f"http://127.0.0.1:{port}/"), bool, what=f"{name} to listen")

    def kill(self, name: str) -> None:
        """End a process and its children at once, as a power cut would."""
        kill_process(self.processes.pop(name))

    def revive(self) -> list[str]:
        """Start again whatever has ended by itself, as `make run` does; return its names."""
        dead = [
            name for name, process in list(self.processes.items()) if process.poll() is not None
        ]
        for name in dead:
            self.start(name)
        return dead

    def stop(self) -> None:
        """End whatever still runs."""
        for name in list(self.processes):
            self.kill(name)

    def log(self, name: str) -> str:
        """Return what a process has printed."""
        path = self.data / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the installation's own database, whichever it is."""
        with closing(self.database()) as connection:
            return connection.execute(sql).fetchall()

    def database(self) -> Any:
        """Open the installation's own database, whichever it is."""
        url = self.settings.get("DATABASE_URL")
        return psycopg.connect(url) if url else sqlite3.connect(self.data / "mjweb.sqlite3")

    def states(self) -> list[str]:
        """Return the states of all jobs."""
        return [state for (state,) in self.rows("SELECT state FROM jobs_job")]

    def ledger(self) -> list[dict[str, str]]:
        """Return what the sandbox charged: one line per accepted order."""
        bearer = {"Authorization": f"Bearer {self.environment['MJWEB_SANDBOX_KEY']}"}
        address = f"http://127.0.0.1:{self.sandbox_port}/sandbox/ledger"
        lines: list[dict[str, str]] = (
            httpx.get(address, headers=bearer, trust_env=False).raise_for_status().json()
        )
        return lines


PASSED_ON = {"CELERY_BROKER_URL", "MJWEB_S3_BUCKET", "MJWEB_S3_ENDPOINT_URL", "MJWEB_S3_ACCESS_KEY",
             "MJWEB_S3_SECRET_KEY", "MJWEB_S3_REGION"}  # fmt: skip


def answers(url: str) -> bool:
    """Whether anything answers over HTTP at this address."""
    try:
        httpx.get(url, trust_env=False, timeout=2)
    except httpx.HTTPError:
        return False
    return True


def until(
    ask: Callable[[], T], good: Callable[[T], bool], *, what: str, seconds: float = PATIENCE
) -> T:
    """Ask again and again until the answer is good, but not for ever."""
    end = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}; last seen: {answer}"
        time.sleep(0.05)
    return answer


@contextmanager
def database_for(settings: dict[str, str], url: str) -> Iterator[None]:
    """Make a database of its own where `url` names a server; SQLite needs none."""
    if not url:
        yield
        return
    name = f"mjweb_stack_{secrets.token_hex(4)}"
    with closing(psycopg.connect(url, autocommit=True)) as server:
        server.execute(f"CREATE DATABASE {name}")
        settings["DATABASE_URL"] = url.rpartition("/")[0] + "/" + name
        try:
            yield
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


STACKS = itertools.count()


def own_broker(settings: dict[str, str]) -> None:
    """Give every stack a database of Redis to itself, or one would take the other's messages."""
    url = os.environ.get("CELERY_BROKER_URL", "")
    if url.startswith("redis"):
        address, _, first = url.rpartition("/")
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        number = int(first) + 2 * worker + next(STACKS) % 2
        settings["CELERY_BROKER_URL"] = f"{address}/{number}"
        with closing(redis.Redis.from_url(settings["CELERY_BROKER_URL"])) as server:
            server.flushdb()


@contextmanager
def installation(
    folder: Path,
    *,
    longest: int = 480,
    database_url: str | None = None,
    broker_url: str | None = None,
    like: Path | None = None,
    **settings: str,
) -> Iterator[Stack]:
    """Set up an installation with the demo, its pictures `longest` px; nothing runs yet.

    Its database and broker are those of the environment, or those named here; "" for the embedded
    ones. Where all it keeps is in its folder, it can begin as a copy of one that was set up before:
    `like` that.
    """
    if like:
        shutil.copytree(like, folder)
    for name in ("broker/queue", "broker/control", "media", "sandbox"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    stack = Stack(folder, settings=dict(settings))
    if broker_url is None:
        own_broker(stack.settings)
    elif broker_url:
        stack.settings["CELERY_BROKER_URL"] = broker_url
    with database_for(
        stack.settings, os.environ.get("DATABASE_URL", "") if database_url is None else database_url
    ):
        if not like:
            if "DATABASE_URL" not in stack.settings:
                copy_template(folder / "mjweb.sqlite3")
            stack.set_up(longest)
        try:
            yield stack
        finally:
            stack.stop()


@pytest.fixture(scope="session")
def set_up_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an embedded installation that never ran, set up once for all workers."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = common / "as-set-up"
    with (common / "as-set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with installation(common / "being-set-up", database_url="", broker_url=""):
                pass
            (common / "being-set-up").rename(folder)
    return folder


SHARED = pytest.StashKey[Stack]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start the shared installation again if a test wants it after all."""
    stack = item.session.stash.get(SHARED, None)
    if stack and not stack.processes and _wants_it(item):
        stack.start()


@pytest.hookimpl(trylast=True)  # whatever the test has open is closed first
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the shared installation when the next test does not need it: idle, it takes CPU."""
    stack = item.session.stash.get(SHARED, None)
    if stack and not (nextitem and _wants_it(nextitem)):
        stack.stop()


def _wants_it(item: pytest.Item) -> bool:
    return "running_stack" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def running_stack(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """Give an installation that runs for the whole session; share it kindly."""
    elsewhere = {"DATABASE_URL", "MJWEB_S3_BUCKET"} & set(os.environ)
    like = None if elsewhere else request.getfixturevalue("set_up_before")
    with installation(tmp_path_factory.mktemp("shared") / "var", like=like) as shared:
        request.session.stash[SHARED] = shared
        shared.start()
        yield shared

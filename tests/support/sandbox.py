"""The sandbox as tests use it: a real process on a free port that can be killed and started again.

`sandbox` draws for real; `quick_sandbox` is the same process with clips in which nothing moves,
and `shared_sandbox` is one such process for a whole module. Import the fixture you need into a
conftest or a test module.
"""

import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from tests.support.forks import ForkedProcess, fork_process
from tests.support.processes import start_process

ROOT = Path(__file__).resolve().parents[2]
KEY = "sandbox-key-of-the-tests"
STARTING = 60.0
REAL = "apps.sandbox"
QUICK = "tests.support.quick_engine"
T = TypeVar("T")
MODEL = "/api/v3/midjourney/image-to-video"
TERMINAL = {"completed", "failed", "cancelled", "timeout", "deleted"}


@dataclass
class Sandbox:
    """One sandbox process, its data and its address, which stays the same over a restart."""

    data: Path
    module: str = REAL
    options: tuple[str, ...] = ("--patience=0",)
    key: str = KEY
    base_url: str = ""
    _process: subprocess.Popen[str] | ForkedProcess | None = field(default=None, repr=False)

    def start(self) -> "Sandbox":
        """Start the process and wait until it listens."""
        port = self.base_url.rpartition(":")[2] or "0"
        arguments = ["--port", port, "--data", str(self.data), "--key", self.key, *self.options]
        if self.module == QUICK:
            self._process = fork_process(QUICK, arguments)
        else:
            command = [sys.executable, "-m", self.module, *arguments]
            self._process = start_process(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.base_url = _first_line(self._process)
        return self

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end, and wait for it."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start again with the same data at the same address."""
        self.kill()
        self.start()

    def wire(self, **options: Any) -> httpx.Client:
        """Return a bare HTTP client with the key, which follows no redirect; close it when done."""
        bearer = {"Authorization": f"Bearer {self.key}"}
        # Loopback has no TLS, and reading the machine's certificates would take longer than most
        # answers.
        return httpx.Client(
            base_url=self.base_url, headers=bearer, trust_env=False, verify=False, **options
        )

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Exchange once on a connection of its own, and return the JSON of a good answer."""
        with self.wire() as wire:
            return wire.request(method, path, **options).raise_for_status().json()

    def submit(self, image: str, prompt: str = "slow dolly in", **parameters: Any) -> str:
        """Place an order as WaveSpeed's customer, and return the job's id."""
        body = {"image": image, "prompt": prompt, **parameters}
        job_id: str = self.ask("POST", MODEL, json=body)["data"]["id"]
        return job_id

    def result(self, job_id: str) -> dict[str, Any]:
        """Look at a job of WaveSpeed's once."""
        told: dict[str, Any] = self.ask("GET", f"/api/v3/predictions/{job_id}/result")["data"]
        return told

    def result_at_end(self, job_id: str, *, seconds: float = 60.0) -> dict[str, Any]:
        """Look until a job of WaveSpeed's has ended."""
        return until(
            lambda: self.result(job_id), lambda told: told["status"] in TERMINAL, seconds=seconds
        )

    def ledger(self) -> list[dict[str, str]]:
        """Return what was charged and given back: one line per accepted order."""
        lines: list[dict[str, str]] = self.ask("GET", "/sandbox/ledger")
        return lines

    def truth(self, job_id: str) -> dict[str, Any]:
        """Return what really became of a job."""
        return next(job for job in self.ask("GET", "/sandbox/jobs") if job["id"] == job_id)

    def payments(self, job_id: str) -> list[tuple[str, str]]:
        """Return the lines of one job, each as (charged, refunded)."""
        return [
            (line["charged"], line["refunded"]) for line in self.ledger() if line["id"] == job_id
        ]

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(30)
        if self._process.stdout:
            self._process.stdout.close()
        self._process = None


def request_without_key(method: str, url: str, **options: Any) -> httpx.Response:
    """Send one request to loopback; without TLS, so no certificates are read."""
    return httpx.request(method, url, trust_env=False, verify=False, **options)


def until(ask: Callable[[], T], good: Callable[[T], bool], *, seconds: float = 60.0) -> T:
    """Ask again and again until the answer is good, but not for ever."""
    end = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < end, f"still {answer}"
        time.sleep(0.02)
    return answer


@contextmanager
def running(data: Path, module: str = REAL, *options: str) -> Iterator[Sandbox]:
    """Run a sandbox for as long as somebody needs it."""
    sandbox = Sandbox(data=data, module=module, options=("--patience=0", *options)).start()
    try:
        yield sandbox
    finally:
        sandbox.stop()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Give a sandbox that draws for real."""
    with running(tmp_path / "sandbox") as real:
        yield real


@pytest.fixture
def quick_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Give a fresh sandbox that is done in a moment."""
    with running(tmp_path / "sandbox", QUICK) as quick:
        yield quick


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Give a quick sandbox that a module shares: neither end it nor count its whole ledger."""
    with running(tmp_path_factory.mktemp("sandbox"), QUICK) as quick:
        yield quick


def _first_line(process: subprocess.Popen[str] | ForkedProcess) -> str:
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], STARTING)
    line = process.stdout.readline().strip() if ready else ""
    assert line, f"the sandbox did not start (exit code {process.poll()})"
    return line

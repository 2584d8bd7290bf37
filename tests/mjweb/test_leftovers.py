"""Whatever tests, drills and benchmarks start ends with them, however they end."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from mjweb.env import ROOT
from tests.support.stack import until

STARTING = """
import subprocess, sys, time
from tests.support.processes import end_with_parent, start_process
end_with_parent()
command = ["sh", "-c", "sleep 300 & echo $$ $!; wait"]
child = start_process(command, stdout=subprocess.PIPE, text=True)
print(child.stdout.readline(), flush=True)
time.sleep(300)
"""
# A process in between, as `make` is: killed, it takes nobody along by itself.
IN_BETWEEN = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        # A zombie has ended, and waits for somebody to read how.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def pids_of(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout
    return [int(word) for word in process.stdout.readline().split()]


def start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_a_killed_run_leaves_neither_its_processes_nor_their_children():
    with start(STARTING) as run:
        pids = pids_of(run)
        run.kill()
        assert len(pids) == 2
        for pid in pids:
            until(lambda pid=pid: is_running(pid), lambda running: not running, what="its end")


def test_a_drill_ends_when_whoever_started_it_is_killed():
    with start(IN_BETWEEN, STARTING) as make:
        pids = pids_of(make)
        os.kill(make.pid, signal.SIGKILL)
        for pid in pids:
            until(lambda pid=pid: is_running(pid), lambda running: not running, what="its end")

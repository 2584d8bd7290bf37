"""`make run` where it cannot: as a process of its own, which ends with a sentence."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mjweb import run

ROOT = Path(__file__).resolve().parents[2]


def start_with(**given: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MJWEB_")}
    command = [sys.executable, "-m", "mjweb.run"]
    return subprocess.run(  # noqa: PLW1510  # a bad end is what we ask for
        command, cwd=ROOT, env=kept | given, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def taken_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield str(held.getsockname()[1])


def test_a_port_in_use_is_told_in_one_sentence_and_nothing_is_touched(taken_port, tmp_path):
    message = tmp_path / "broker" / "queue" / "hint.msg"
    message.parent.mkdir(parents=True)
    message.touch()
    ended = start_with(PORT=taken_port, MJWEB_DATA=str(tmp_path))
    assert ended.returncode == 1
    (sentence,) = ended.stderr.splitlines()
    assert f"port {taken_port} is in use" in sentence
    assert message.exists(), "whoever holds the port may be at work in this folder"


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    ended = start_with(PORT=str(run.free_port()), MJWEB_DATA=str(blocked / "var"))
    assert ended.returncode == 1
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith(f"mjweb cannot start: it can't write to {blocked / 'var'}")


def test_a_bad_value_is_told_in_one_sentence(tmp_path):
    ended = start_with(PORT="eighty", MJWEB_DATA=str(tmp_path))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


def test_production_never_gets_the_demo_whose_password_everybody_knows(tmp_path):
    ended = start_with(PORT=str(run.free_port()), MJWEB_DATA=str(tmp_path), MJWEB_MODE="production")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_made_once_for_its_owners_eyes_only(tmp_path):
    path = tmp_path / "secret_key"
    first = run._read_or_create(path, lambda: "made")
    assert (first, run._read_or_create(path, lambda: "made again")) == ("made", "made")
    assert path.stat().st_mode & 0o077 == 0


def test_a_port_that_is_free_can_be_had():
    assert run._port_problem(run.free_port()) == 0


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_port_is_taken_by_whoever_answers_to_localhost(family, host):
    with socket.socket(family) as held:
        try:
            held.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        held.listen()
        assert run._port_problem(held.getsockname()[1]) == errno.EADDRINUSE


def test_a_folder_belongs_to_one_installation_at_a_time(tmp_path):
    message = tmp_path / "broker" / "queue" / "hint.msg"
    with run._lock_folder(tmp_path):
        message.touch()
        ended = start_with(PORT=str(run.free_port()), MJWEB_DATA=str(tmp_path))
        assert f"it already runs in {tmp_path}" in ended.stderr
        assert message.exists()
    run._lock_folder(tmp_path).close()
    assert not message.exists()


SUPERVISOR = """
import asyncio, signal, sys
# Whoever runs the tests may have been told not to mind a hangup (nohup), and that is inherited.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from mjweb.supervisor import SupervisedProcess, supervise
asyncio.run(supervise([SupervisedProcess("child", ["sh", "-c", sys.argv[1]])]))
"""


@pytest.fixture
def supervise():
    """Supervise one shell command; yield the supervisor and a reader of its next line."""
    running = []

    def start(script: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SUPERVISOR, script]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for each in running:
        each.kill()
        each.wait()
        each.stdout.close()


def next_number(supervisor: subprocess.Popen[str]) -> int:
    """Return the next number that the child says of itself."""
    while line := supervisor.stdout.readline():
        if line.strip().rpartition(" ")[2].isdigit():
            return int(line.strip().rpartition(" ")[2])
    raise AssertionError("the supervisor has ended")


def lives(pid: int) -> bool:
    """Whether this process runs; a zombie does not."""
    found = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()[:1] not in {"", "Z"}


def is_gone(pid: int) -> bool:
    for _ in range(100):
        if not lives(pid):
            return True
        time.sleep(0.1)
    return False


def test_a_supervisor_that_is_killed_leaves_nobody_behind(supervise):
    supervisor = supervise("sleep 60 & echo $!; wait")
    child = next_number(supervisor)
    assert lives(child)
    supervisor.kill()
    assert is_gone(child)


def test_a_process_starts_again_though_its_children_still_hold_its_log(supervise):
    supervisor = supervise("sleep 60 & echo $!; exit 1")
    first = next_number(supervisor)
    second = next_number(supervisor)
    assert second != first
    assert is_gone(first)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_to_say_stop_stops_everything(supervise, number):
    supervisor = supervise("sleep 60 & echo $!; wait")
    child = next_number(supervisor)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    assert is_gone(child)


def test_nobody_reading_the_log_keeps_it_neither_from_working_nor_from_stopping(
    supervise, tmp_path
):
    supervisor = supervise(
        f"echo $$; while sleep 0.1; do echo word; touch {tmp_path}/at-work; done"
    )
    child = next_number(supervisor)
    supervisor.stdout.close()
    time.sleep(0.5)
    (tmp_path / "at-work").unlink()
    time.sleep(0.5)
    assert (tmp_path / "at-work").exists()
    supervisor.send_signal(signal.SIGHUP)
    assert supervisor.wait(20) == 0
    assert is_gone(child)


def test_stopping_while_it_prepares_is_told_in_a_sentence(tmp_path):
    command = [sys.executable, "-m", "mjweb.run"]
    given = os.environ | {"PORT": str(run.free_port()), "MJWEB_DATA": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=given, stderr=subprocess.PIPE, text=True
    ) as starting:
        while not (tmp_path / "sandbox" / "key").exists():
            time.sleep(0.05)
        starting.send_signal(signal.SIGINT)
        _, said = starting.communicate(timeout=20)
    assert (starting.returncode, said.split()) == (
        1,
        ["stopped", "before", "the", "start."],
    )

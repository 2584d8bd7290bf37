"""`make run` where it cannot: as a process of its own, which ends with a sentence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mjweb import run

ROOT = Path(__file__).resolve().parents[2]


def started(**given: str) -> subprocess.CompletedProcess[str]:
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
    ended = started(PORT=taken_port, MJWEB_DATA=str(tmp_path))
    assert ended.returncode == 1
    (sentence,) = ended.stderr.splitlines()
    assert f"port {taken_port} is in use" in sentence
    assert message.exists(), "whoever holds the port may be at work in this folder"


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    ended = started(PORT=str(run.free_port()), MJWEB_DATA=str(blocked / "var"))
    assert ended.returncode == 1
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith(f"mjweb cannot start: it may not write to {blocked / 'var'}")


def test_a_bad_value_is_told_in_one_sentence(tmp_path):
    ended = started(PORT="eighty", MJWEB_DATA=str(tmp_path))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


def test_a_secret_is_made_once_for_its_owners_eyes_only(tmp_path):
    path = tmp_path / "secret_key"
    first = run._kept(path, lambda: "made")
    assert (first, run._kept(path, lambda: "made again")) == ("made", "made")
    assert path.stat().st_mode & 0o077 == 0


def test_a_port_that_is_free_can_be_had():
    assert run._is_free(run.free_port())


def test_a_port_that_is_taken_is_not_free(taken_port):
    assert not run._is_free(int(taken_port))

"""A worker without messages exits; one that is busy, or gets messages, does not."""

import subprocess
import sys
from datetime import timedelta

import pytest

from mjweb.env import ROOT
from mjweb.watchdog import EXIT_LOST_BROKER, has_lost_broker
from tests.support.stack import Stack

SILENCE, LONGEST = timedelta(seconds=60), timedelta(seconds=170)


@pytest.mark.parametrize(
    ("silent", "is_busy", "is_lost"),
    [
        pytest.param(59, False, False, id="a-quiet-minute"),
        pytest.param(61, False, True, id="idle-and-nothing-comes"),
        pytest.param(61, True, False, id="every-hand-is-full"),
        pytest.param(229, True, False, id="a-download-at-its-limit"),
        pytest.param(231, True, True, id="longer-than-any-step-can-take"),
    ],
)
def test_silence_means_a_lost_broker_only_if_the_worker_could_receive(silent, is_busy, is_lost):
    seconds = timedelta(seconds=silent)
    assert has_lost_broker(seconds, is_busy=is_busy, silence=SILENCE, longest=LONGEST) is is_lost


@pytest.mark.proof
@pytest.mark.xdist_group("way")
def test_a_worker_without_messages_exits_so_that_its_supervisor_restarts_it(tmp_path):
    for folder in ("queue", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True)
    stack = Stack(tmp_path, settings={"MJWEB_SILENCE_SECONDS": "5"})
    quiet = ["--without-mingle", "--without-gossip", "--loglevel=warning"]
    celery = [sys.executable, "-m", "celery", "--app=mjweb", "--quiet"]
    command = [*celery, "worker", "--queues=saving", "--concurrency=1", *quiet]
    ended = subprocess.run(
        command, env=stack.environment, cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == EXIT_LOST_BROKER
    assert b"worker_lost_broker" in ended.stdout + ended.stderr

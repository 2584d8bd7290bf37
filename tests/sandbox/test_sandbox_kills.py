"""What a sandbox remembers when its process is killed."""

import sqlite3
from contextlib import closing
from threading import Thread

import httpx
import pytest
from django.core.management import call_command

from tests.support.sandbox import QUICK, Sandbox, running, until


@pytest.fixture
def slow(tmp_path):
    """A sandbox that never gets done with a job unless it is started again without its options."""
    running = Sandbox(tmp_path / "sandbox", QUICK, ("--min-seconds", "3600")).start()
    yield running
    running.kill()


def test_a_kill_loses_no_job_and_charges_nothing_twice(slow, picture):
    jobs = [slow.submit(picture, f"take {n}", seed=-1) for n in range(3)]
    until(lambda: slow.result(jobs[0])["status"], lambda word: word == "processing")
    before = slow.ledger()

    slow.kill()
    slow.options = ()
    slow.start()

    assert [slow.result_at_end(job)["status"] for job in jobs] == ["completed"] * 3
    assert slow.ledger() == before
    assert [line["id"] for line in before] == jobs


def test_kills_under_load_lose_no_accepted_order(quick_sandbox, picture):
    accepted = []

    def rush():
        """Order until the vendor is gone."""
        try:
            while True:
                accepted.append(quick_sandbox.submit(picture, "dolly"))
        except httpx.HTTPError:
            return

    for wave in range(1, 3):
        customers = [Thread(target=rush) for _ in range(3)]
        for customer in customers:
            customer.start()
        until(lambda: len(accepted), lambda count, enough=wave * 8: count >= enough)
        quick_sandbox.kill()
        for customer in customers:
            customer.join()
        quick_sandbox.start()

    charged = [line["id"] for line in quick_sandbox.ledger()]
    assert len(set(charged)) == len(charged)
    assert set(accepted) <= set(charged)
    # One order of each customer may have arrived although its answer was lost.
    assert len(charged) - len(accepted) <= 6


def test_a_kill_after_the_end_of_a_job_changes_nothing(quick_sandbox, picture):
    done, gone = quick_sandbox.submit(picture), quick_sandbox.submit(picture, "nude")
    before = [quick_sandbox.result_at_end(done), quick_sandbox.result_at_end(gone)]
    paid = quick_sandbox.ledger()
    quick_sandbox.restart()
    assert [quick_sandbox.result(done), quick_sandbox.result(gone)] == before
    assert quick_sandbox.ledger() == paid


def test_the_data_of_an_older_sandbox_is_still_there(tmp_path):
    (tmp_path / "sandbox").mkdir()
    with closing(sqlite3.connect(tmp_path / "sandbox" / "sandbox.sqlite3")) as db:
        db.executescript(OLD)
    with running(tmp_path / "sandbox", QUICK) as renewed:
        assert renewed.payments("a" * 32) == [("0.15", "0.15")]
        told = renewed.result("a" * 32)
    assert (told["status"], told["code"], told["input"]) == (
        "failed",
        1402,
        {"image": "http://x/y", "prompt": "p"},
    )


OLD = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    input TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'created',
    inference_ms INTEGER NOT NULL DEFAULT 0,
    nsfw INTEGER,
    code INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL,
    usd TEXT NOT NULL,
    UNIQUE (job_id, kind)
) STRICT;
INSERT INTO jobs (id, created_at, input, status, code, error)
VALUES (
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    strftime('%Y-%m-%dT%H:%M:%S.123456789Z', 'now'),
    '{"image": "http://x/y", "prompt": "p"}',
    'failed',
    1402,
    'e'
);
INSERT INTO ledger (job_id, kind, usd)
VALUES
    ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'charge', '0.15'),
    ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'refund', '0.15');
"""


def test_two_sandboxes_do_not_share_a_folder(quick_sandbox):
    second = Sandbox(quick_sandbox.data, QUICK)
    with pytest.raises(AssertionError, match="did not start"):
        second.start()
    second.stop()


def test_the_management_command_needs_a_key_and_no_database(tmp_path, monkeypatch):
    monkeypatch.delenv("MJWEB_SANDBOX_KEY", raising=False)
    with pytest.raises(SystemExit, match="needs a key"):
        call_command("sandbox", "--data", str(tmp_path))

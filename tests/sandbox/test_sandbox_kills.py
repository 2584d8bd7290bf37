"""What a sandbox remembers when its process is killed."""

from threading import Thread

import pytest
from django.core.management import call_command

from apps.vendors.errors import TryLater, Unsure
from apps.vendors.types import Order, Progress
from tests.factories.sandbox import PENCIL, Sandbox, finished, until


@pytest.fixture
def slow(tmp_path):
    """A sandbox that never gets done with a job unless it is started again without its options."""
    running = Sandbox(tmp_path / "sandbox", PENCIL, ("--min-seconds", "3600")).start()
    yield running
    running.kill()


def test_a_kill_loses_no_job_and_charges_nothing_twice(slow, picture):
    client = slow.client()
    orders = [Order(image_url=picture, prompt=f"take {n}", parameters={"seed": -1}) for n in range(3)]
    jobs = [client.submit(order).vendor_job_id for order in orders]
    until(lambda: client.result(jobs[0]).vendor_word, lambda word: word == "processing")
    before = slow.ledger()

    slow.kill()
    slow.options = ()
    slow.start()

    assert [finished(client, job).progress for job in jobs] == [Progress.DONE] * 3
    assert slow.ledger() == before
    assert [line["id"] for line in before] == jobs
    client.close()


def test_kills_in_the_rush_lose_no_order_that_was_accepted(quick_sandbox, picture):
    order = Order(image_url=picture, prompt="dolly", parameters={})
    accepted = []

    def rush(client):
        """Order until the vendor is gone."""
        try:
            while True:
                accepted.append(client.submit(order).vendor_job_id)
        except (TryLater, Unsure):
            client.close()

    for wave in range(1, 3):
        customers = [Thread(target=rush, args=[quick_sandbox.client()]) for _ in range(3)]
        for customer in customers:
            customer.start()
        until(lambda: len(accepted), lambda count, enough=wave * 8: count >= enough)
        quick_sandbox.restart()
        for customer in customers:
            customer.join()

    charged = [line["id"] for line in quick_sandbox.ledger()]
    assert len(set(charged)) == len(charged)
    assert set(accepted) <= set(charged)
    # One order of each customer may have arrived although its answer was lost.
    assert len(charged) - len(accepted) <= 6


def test_a_kill_after_the_end_changes_nothing(quick_sandbox, picture):
    client = quick_sandbox.client()
    done = client.submit(Order(image_url=picture, prompt="dolly", parameters={})).vendor_job_id
    gone = client.submit(Order(image_url=picture, prompt="nude", parameters={})).vendor_job_id
    before = [finished(client, done), finished(client, gone)]
    paid = quick_sandbox.ledger()
    quick_sandbox.restart()
    assert [client.result(done), client.result(gone)] == before
    assert quick_sandbox.ledger() == paid
    client.close()


def test_two_sandboxes_do_not_share_a_folder(quick_sandbox):
    second = Sandbox(quick_sandbox.data, PENCIL)
    with pytest.raises(AssertionError, match="did not start"):
        second.start()
    second.stop()


def test_the_management_command_needs_a_key_and_no_database(tmp_path, monkeypatch):
    monkeypatch.delenv("MJWEB_SANDBOX_KEY", raising=False)
    with pytest.raises(SystemExit, match="needs a key"):
        call_command("sandbox", "--data", str(tmp_path))

"""Every process may die at any moment; the clip is saved all the same, and paid once."""

import re

import pytest

from tests.factories.people import Browser
from tests.factories.stack import Stack, until

pytestmark = [pytest.mark.xdist_group("way"), pytest.mark.slow]

AT_WORK = {"at_vendor", "saving", "saved"}


def all_saved_and_paid_once(stack: Stack) -> None:
    until(stack.states, lambda states: set(states) == {"saved"}, what="every job to be saved")
    jobs = stack.rows("SELECT vendor_job_id FROM jobs_job")
    charges = stack.ledger()
    assert sorted(line["id"] for line in charges) == sorted(vendor_job_id for (vendor_job_id,) in jobs)
    assert [line["refunded"] for line in charges if float(line["refunded"])] == []
    clips = stack.rows("SELECT COUNT(*) FROM jobs_clip WHERE saved_at IS NOT NULL AND sha256 <> ''")
    assert clips == [(len(jobs),)]


@pytest.mark.parametrize("name", ["worker", "scheduler", "web", "sandbox"])
def test_a_process_killed_in_the_middle_of_a_job_loses_nothing(stack, name):
    stack.start()
    until(stack.states, lambda states: set(states) <= AT_WORK, what="all jobs to be at the vendor")
    stack.kill(name)
    stack.start(name)
    all_saved_and_paid_once(stack)


def test_a_worker_killed_while_saving_saves_after_all(stack):
    stack.start("sandbox", "web", "worker", "scheduler")
    until(
        stack.states,
        lambda states: set(states) <= AT_WORK and "saving" in states,
        what="a clip on its way home",
    )
    stack.kill("worker")
    stack.start("worker")
    all_saved_and_paid_once(stack)


def test_everything_killed_at_once_goes_on_where_it_was(stack):
    stack.start()
    until(stack.states, lambda states: set(states) <= AT_WORK, what="all jobs to be at the vendor")
    for name in list(stack.processes):
        stack.kill(name)
    stack.start()
    all_saved_and_paid_once(stack)
    assert "Traceback" not in stack.log("web")


def test_a_person_sees_every_state_without_asking_twice(stack):
    stack.start()
    person = Browser(stack.url).sign_in("creator@mjweb.example")
    seen = until(
        lambda: re.findall(r'data-state="(\w+)"', person.get("/gallery/").text),
        lambda states: states.count("saved") >= 4,
        what="four saved tiles",
    )
    assert set(seen) == {"saved"}

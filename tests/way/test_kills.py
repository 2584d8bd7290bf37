"""Every process may die at any moment; the clip is saved all the same, and paid once."""

import re
from collections.abc import Callable

import pytest

from tests.support.people import Browser
from tests.support.stack import Stack, until

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900), pytest.mark.xdist_group("stack")]
ALL = ("sandbox", "web", "worker", "saver", "scheduler")
JOBS = 2


class Orders:
    """Some jobs that a person ordered, and what became of them."""

    def __init__(self, stack: Stack, count: int) -> None:
        self.stack = stack
        with Browser(stack.url) as person:
            person.sign_in("creator@mjweb.example")
            answers = [person.post("/jobs/new/", person.order_form()) for _ in range(count)]
        found = [re.findall(r"[0-9a-f-]{36}", answer.headers["Location"])[0] for answer in answers]
        self.names = ", ".join(f"'{name}', '{name.replace('-', '')}'" for name in found)

    def states(self) -> set[str]:
        return {state for (state,) in self._rows("state")}

    def _rows(self, columns: str) -> list[tuple]:
        where = f"CAST(public_id AS VARCHAR(36)) IN ({self.names})"
        return self.stack.rows(f"SELECT {columns} FROM jobs_job WHERE {where}")

    def await_states(self, good: Callable[[set[str]], bool], what: str) -> None:
        until(self.states, good, what=what)

    def are_saved_and_paid_once(self) -> None:
        self.await_states(lambda states: states == {"saved"}, "every job to be saved")
        jobs = self._rows("id, vendor_job_id")
        charges = [(line["id"], float(line["refunded"])) for line in self.stack.ledger()]
        for _, vendor_job_id in jobs:
            assert charges.count((vendor_job_id, 0.0)) == 1
        numbers = ", ".join(str(number) for number, _ in jobs)
        clips = self.stack.rows(
            "SELECT COUNT(*) FROM jobs_output JOIN clips_clip ON clips_clip.id = clip_id "
            f"WHERE sha256 <> '' AND job_id IN ({numbers})"
        )
        assert clips == [(len(jobs),)]
        known = {
            vendor_job_id
            for (vendor_job_id,) in self.stack.rows(
                # other tests share the stack: their orders may never have reached the vendor
                "SELECT vendor_job_id FROM jobs_job WHERE vendor_job_id <> ''"
            )
        }
        assert {vendor_job_id for vendor_job_id, _ in charges} == known, (
            "the vendor charged for more than we know"
        )


def at_the_vendor(states: set[str]) -> bool:
    return states <= {"at_vendor", "saving", "saved"}


@pytest.fixture
def orders(running_stack):
    return Orders(running_stack, JOBS)


@pytest.mark.parametrize("name", ALL)
def test_a_process_killed_in_the_middle_of_a_job_loses_nothing(running_stack, orders, name):
    orders.await_states(at_the_vendor, "all jobs to be at the vendor")
    assert orders.states() != {"saved"}
    running_stack.kill(name)
    running_stack.start(name)
    orders.are_saved_and_paid_once()


def test_a_worker_killed_while_saving_saves_after_all(running_stack, orders):
    orders.await_states(
        lambda states: at_the_vendor(states) and "saving" in states, "a clip on its way home"
    )
    running_stack.kill("saver")
    running_stack.start("saver")
    orders.are_saved_and_paid_once()


def test_everything_killed_at_once_goes_on_where_it_was(running_stack, orders):
    orders.await_states(at_the_vendor, "all jobs to be at the vendor")
    for name in ALL:
        running_stack.kill(name)
    running_stack.start()
    orders.are_saved_and_paid_once()


def test_no_process_had_anything_to_complain_about(running_stack):
    complaints = [
        f"{name}: {line[:2000]}"
        for name in ALL
        for line in running_stack.log(name).splitlines()
        if "Traceback" in line or "level=critical" in line or "level=error" in line
    ]
    assert complaints == []

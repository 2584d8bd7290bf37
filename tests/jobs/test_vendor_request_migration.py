"""Requests to vendors were columns of jobs: they are carried over both ways."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from apps.core.squashing import SingleExecutor
from tests.support.cases import case

AFTER = ("jobs", "0020_vendor_requests")
pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)

# The columns of a job, and the requests they stand for: kind, answer, next try, and end.
ROWS = {
    "nothing was asked": ({}, []),
    "a stop is asked for": (
        {"stop_answer": "asked", "stop_at": LATER},
        [("stop", "", LATER, None)],
    ),
    "the vendor stopped it": (
        {"stop_answer": "stopped", "done_at": NOON},
        [("stop", "done", None, NOON)],
    ),
    "it was too late to stop it": (
        {"stop_answer": "too_late", "done_at": NOON},
        [("stop", "too_late", None, NOON)],
    ),
    "the vendor cannot stop it": (
        {"stop_answer": "unable"},
        [("stop", "unable", None, None)],
    ),
    "a deletion is asked for": ({"forget_at": LATER}, [("delete", "", LATER, None)]),
    "deleted, and too late to stop": (
        {"stop_answer": "too_late", "done_at": NOON, "forgotten_at": LATER},
        [("delete", "done", None, LATER), ("stop", "too_late", None, NOON)],
    ),
}
COLUMNS = ("stop_at", "stop_answer", "forget_at", "forgotten_at", "done_at")


def models_at(*nodes: tuple[str, str]):
    """Move the database there and return the models of that time."""
    executor = SingleExecutor(connection)
    executor.migrate(list(nodes))
    below = [
        leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in {"projects", "teams"}
    ]
    return executor.loader.project_state([*nodes, *below]).apps


@pytest.fixture
def before():
    """Give the nodes that this migration stands on; afterwards the database is as new again."""
    executor = SingleExecutor(connection)
    parents = executor.loader.graph.node_map[AFTER].parents
    yield [parent.key for parent in parents]
    executor = SingleExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def jobs_with_columns(models) -> None:
    team = models.get_model("teams", "Team").objects.create(name="Old")
    project = models.get_model("projects", "Project").objects.create(team=team, name="Old")
    lane = models.get_model("jobs", "Lane").objects.create(fingerprint="x", kind="comet")
    account = models.get_model("jobs", "VendorAccount").objects.create(
        team=team, name="Main", kind="comet", base_url="https://a.example", lane=lane
    )
    for text, (columns, _requests) in ROWS.items():
        models.get_model("jobs", "Job").objects.create(
            team=team, project=project, account=account, prompt_text=text, state="saved", **columns
        )


def test_requests_to_vendors_are_carried_over_both_ways(before):
    jobs_with_columns(models_at(*before))
    requests = models_at(AFTER).get_model("jobs", "VendorRequest").objects
    for text, (_columns, expected) in ROWS.items():
        with case(text):
            mine = requests.filter(job__prompt_text=text).order_by("kind")
            assert list(mine.values_list("kind", "answer", "next_try_at", "done_at")) == expected
    jobs = models_at(*before).get_model("jobs", "Job").objects
    for text, (columns, _expected) in ROWS.items():
        with case(text):
            job = jobs.values(*COLUMNS).get(prompt_text=text)
            assert job == dict.fromkeys(COLUMNS) | {"stop_answer": ""} | columns

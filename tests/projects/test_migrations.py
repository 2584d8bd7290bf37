"""Older events get their project; the way back keeps every project, each under its own name."""

import uuid

import pytest

from tests.support.database import as_of, migrate_to

BEFORE = [
    ("projects", "0001_initial"),
    ("budgets", "0001_initial"),
    ("jobs", "0004_every_account_has_a_lane"),
]
AFTER = [
    ("projects", "0003_events_of_projects"),
    ("budgets", "0002_events_of_budgets"),
    ("jobs", "0008_events_of_jobs"),
]
pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def before(transactional_db):
    """Give the models of the time before; afterwards the database is as new again."""
    with as_of(BEFORE) as models:
        yield models


@pytest.fixture
def after(transactional_db):
    """Give the models of the time after."""
    with as_of(AFTER) as models:
        yield models


RECIPE = {
    "prompt_text": "Pan.", "vendor": "wavespeed", "model": "m", "schema_version": "1",
    "parameters": {}, "image_sha256": "x", "image_title": "y",
}  # fmt: skip


def create_event(models, team, kind: str, public_id) -> int:
    facts = {"team": team, "verb": "moved", "subject_kind": kind, "subject_id": public_id}
    return models.get_model("activity", "Event").objects.create(**facts).pk


def test_older_events_get_their_project(before):
    team = before.get_model("teams", "Team").objects.create(name="Old")
    project = before.get_model("projects", "Project").objects.create(team=team, name="Old")
    mine = {"team": team, "project": project}
    lane = before.get_model("jobs", "Lane").objects.create(fingerprint="x", kind="wavespeed")
    account = before.get_model("jobs", "VendorAccount").objects.create(
        team=team, kind="wavespeed", lane=lane
    )
    job = before.get_model("jobs", "Job").objects.create(
        account=account, state="queued", **mine, **RECIPE
    )
    rows = {
        "project": project,
        "image": before.get_model("projects", "Image").objects.create(width=1, height=1, **mine),
        "job": job,
        "clip": before.get_model("jobs", "Clip").objects.create(
            job=job, number=0, **mine, **RECIPE
        ),
        "chain": before.get_model("jobs", "Chain").objects.create(**mine),
        "budget": before.get_model("budgets", "Budget").objects.create(limit_usd=1, **mine),
    }
    told = [create_event(before, team, kind, row.public_id) for kind, row in rows.items()]
    gone = create_event(before, team, "job", uuid.uuid4())
    others = create_event(before, team, "prompt", uuid.uuid4())
    events = migrate_to(AFTER).get_model("activity", "Event").objects
    assert set(events.filter(pk__in=told).values_list("project_id", flat=True)) == {project.pk}
    assert set(events.filter(pk__in=[gone, others]).values_list("project_id", flat=True)) == {None}


def test_on_the_way_back_every_project_has_a_name_of_its_own(after):
    team = after.get_model("teams", "Team").objects.create(name="New")
    projects = after.get_model("projects", "Project").objects
    for is_private in (False, True, True):
        projects.create(team=team, name="Launch", is_private=is_private)
    names = (
        migrate_to(BEFORE).get_model("projects", "Project").objects.values_list("name", flat=True)
    )
    assert sorted(names) == ["Launch", "Launch (2)", "Launch (3)"]

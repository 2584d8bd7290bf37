"""A clip of the jobs app becomes a clip or an output, and the same again on the way back."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.support.database import as_of, migrate_to

BEFORE = [("jobs", "0016_field_names"), ("reviews", "0002_mentions"), ("clips", None)]
AFTER = [("clips", "0003_clips_without_jobs")]
pytestmark = pytest.mark.proof
RECIPE = {
    "prompt_text": "Pan.",
    "vendor": "wavespeed",
    "model": "m",
    "schema_version": "1",
    "parameters": {"resolution": "480p", "seed": 7},
    "image_sha256": "x",
    "image_title": "y",
}


@pytest.fixture
def before(transactional_db):
    """Give the models of the time before; afterwards the database is as new again."""
    with as_of(BEFORE) as models:
        yield models.get_model


@pytest.fixture
def jobs(before, django_user_model):
    """A saved job, and one that is being saved, each with an author and an image."""
    team = before("teams", "Team").objects.create(name="Old")
    person = django_user_model.objects.create_user("maker@mjweb.example", "a password")
    project = before("projects", "Project").objects.create(team=team, name="Old")
    image = before("projects", "Image").objects.create(
        team=team, project=project, title="y", sha256="x", width=1, height=1
    )
    lane = before("jobs", "Lane").objects.create(fingerprint="f", kind="wavespeed")
    account = before("jobs", "VendorAccount").objects.create(
        team=team, name="Main", kind="wavespeed", lane=lane
    )
    now = timezone.now()
    return {
        state: before("jobs", "Job").objects.create(
            team=team,
            project=project,
            image=image,
            account=account,
            created_by_id=person.pk,
            state=state,
            price=Decimal("0.60"),
            vendor_job_id=state,
            submitted_at=now - timedelta(seconds=50),
            done_at=now,
            inference_ms=900,
            **RECIPE,
        )
        for state in ("saved", "saving")
    }


@pytest.fixture
def clips(before, jobs):
    """Clips that are here, lost, and on their way; one of them is decided on."""
    now = timezone.now()

    def make(job, number, **fields):
        return before("jobs", "Clip").objects.create(
            team_id=job.team_id,
            project_id=job.project_id,
            job=job,
            number=number,
            vendor_url=f"https://v.example/{number}.mp4",
            **(RECIPE | fields),
        )

    made = {
        "here": make(jobs["saved"], 0, saved_at=now, house_nsfw="clear", house_score=0.1),
        "lost": make(jobs["saved"], 1, lost_at=now, fault="Gone."),
        "joined": make(jobs["saved"], 100, saved_at=now, is_joined=True),
        "coming": make(jobs["saving"], 0, next_step_at=now, attempts=2, fault="Not yet."),
    }
    before("reviews", "Decision").objects.create(
        team_id=jobs["saved"].team_id, clip=made["here"], verdict="approved"
    )
    entry = before("budgets", "LedgerEntry")
    entry.objects.bulk_create(
        [
            entry(
                team_id=jobs["saved"].team_id,
                order=jobs["saved"].public_id,
                submission_number=1,
                kind="charge",
                usd=Decimal("0.60"),
                held=0,
                spent=Decimal("0.60"),
                vendor="wavespeed",
                bought_at=timezone.now(),
            )
        ]
    )
    return made


def test_clips_keep_what_they_need_of_their_job_and_the_rest_are_outputs(jobs, clips):
    get_model = migrate_to(AFTER).get_model
    clip_model, output_model = get_model("clips", "Clip"), get_model("jobs", "Output")
    assert set(clip_model.objects.values_list("public_id", flat=True)) == {
        clips["here"].public_id,
        clips["joined"].public_id,
    }
    here, job = clip_model.objects.get(pk=clips["here"].pk), jobs["saved"]
    assert (here.order, here.take, here.is_joined) == (job.public_id, 1, False)
    assert (here.author_id, here.image_id) == (job.created_by_id, job.image_id)
    assert (here.our_nsfw, here.our_score, here.seed) == ("clear", 0.1, 7)
    assert here.cost_usd == Decimal("0.30"), "one of the two takes that were paid for"
    assert (here.submitted_at, here.done_at, here.inference_ms) == (
        job.submitted_at,
        job.done_at,
        900,
    )
    joined = clip_model.objects.get(is_joined=True)
    assert (joined.order, joined.take, joined.cost_usd) == (job.public_id, 1, None)
    rows = output_model.objects.order_by("job__state", "take")
    assert list(rows.values_list("job__state", "take", "clip", "tries", "fault")) == [
        ("saved", 1, here.pk, 0, ""),
        ("saved", 2, None, 0, "Gone."),
        ("saving", 1, None, 2, "Not yet."),
    ]
    assert [bool(row.next_try_at) for row in rows] == [False, False, True]
    assert [bool(row.given_up_at) for row in rows] == [False, True, False]
    assert get_model("reviews", "Decision").objects.get().clip_id == here.pk


def test_on_the_way_back_every_clip_is_one_of_its_job_again(jobs, clips):
    migrate_to(AFTER)
    get_model = migrate_to(BEFORE).get_model
    rows = get_model("jobs", "Clip").objects.order_by("job__state", "number")
    told = ("job__state", "number", "attempts", "fault", "vendor_url")
    assert list(rows.values_list(*told)) == [
        ("saved", 0, 0, "", "https://v.example/0.mp4"),
        ("saved", 1, 0, "Gone.", "https://v.example/1.mp4"),
        ("saved", 100, 0, "", ""),
        ("saving", 0, 2, "Not yet.", "https://v.example/0.mp4"),
    ]
    assert [bool(row.saved_at) for row in rows] == [True, False, True, False]
    assert [bool(row.lost_at) for row in rows] == [False, True, False, False]
    assert get_model("reviews", "Decision").objects.get().clip_id == clips["here"].pk


def test_a_clip_that_outlived_its_job_is_kept(before, clips):
    before("jobs", "Clip").objects.filter(pk=clips["here"].pk).update(job=None, public_id=uuid4())
    clip = migrate_to(AFTER).get_model("clips", "Clip").objects.get(pk=clips["here"].pk)
    assert (clip.order, clip.take) == (None, 1)

"""Rows from before lanes, sendings and a ledger are kept by the migrations, and on the way back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.secrets import seal
from tests.support.database import as_of, migrate_to

BEFORE = [("jobs", "0001_initial")]
AFTER = [("jobs", "0004_every_account_has_a_lane")]
pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
FATES = {"submitting": "unknown", "unconfirmed": "unknown", "queued": None}
MONEY = {
    "queued": ["hold"],
    "submitting": ["hold"],
    "unconfirmed": ["hold"],
    "at_vendor": ["hold"],
    "saving": ["charge", "hold"],
    "saved": ["charge", "hold"],
    "moderated": ["hold", "void"],
    "failed": ["hold", "void"],
    "cancelled": ["hold", "void"],
}


@pytest.fixture
def before(transactional_db):
    """Give the models of 0001; afterwards the database is as new again."""
    with as_of(BEFORE) as models:
        yield models


@pytest.fixture
def old_apps(before):
    """A team with accounts, and a job in each state."""
    team = before.get_model("teams", "Team").objects.create(name="Old")
    project = before.get_model("projects", "Project").objects.create(team=team, name="Old")
    account_model = before.get_model("jobs", "VendorAccount")
    named = {"team": team, "kind": "wavespeed", "base_url": "https://a.example"}
    main = account_model.objects.create(name="Main", sealed_key=seal("one key"), **named)
    account_model.objects.create(name="Same key", sealed_key=seal("one key"), **named)
    account_model.objects.create(name="Sandbox", is_sandbox=True, **named)
    account_model.objects.create(name="Unreadable", sealed_key="sealed elsewhere", **named)
    for state in ["draft", *MONEY]:
        job = _job(before, team, project, main, state)
        if state in {"saving", "saved"}:
            before.get_model("jobs", "Clip").objects.create(
                team=team, job=job, project=project, number=0, vendor_url="https://v.example/0.mp4",
                saved_at=timezone.now() if state == "saved" else None, **RECIPE,
            )  # fmt: skip
    return before


RECIPE = {
    "prompt_text": "Pan.", "vendor": "wavespeed", "model": "m", "schema_version": "1",
    "parameters": {"resolution": "480p"}, "image_sha256": "x", "image_title": "y",
}  # fmt: skip


def _job(before, team, project, account, state, *, vendor_job_id=""):
    now = timezone.now()
    sent = (
        {"submitted_at": now - timedelta(minutes=1)}
        if state not in {"draft", "queued", "cancelled"}
        else {}
    )
    if state in {"at_vendor", "saving", "saved"}:
        sent["vendor_job_id"] = vendor_job_id or f"v-{state}"
    return before.get_model("jobs", "Job").objects.create(
        team=team,
        project=project,
        account=account,
        state=state,
        price=Decimal("0.15"),
        **sent,
        **RECIPE,
    )


def test_a_job_in_each_state_keeps_its_money_its_submission_and_its_clips(old_apps):
    after = migrate_to(AFTER)
    lines, sendings = (
        after.get_model("budgets", "Line").objects,
        after.get_model("jobs", "Sending").objects,
    )
    for job in after.get_model("jobs", "Job").objects.exclude(state="draft"):
        mine = lines.filter(order=job.public_id)
        assert sorted(mine.values_list("kind", flat=True)) == MONEY[job.state]
        held, spent = sum(line.held for line in mine), sum(line.spent for line in mine)
        assert held == (Decimal("0.15") if MONEY[job.state] == ["hold"] else 0)
        assert spent == (Decimal("0.15") if "charge" in MONEY[job.state] else 0)
        sent = sendings.filter(job=job).first()
        assert bool(sent) == bool(job.submitted_at) == bool(job.sending)
        if sent:
            taken = "taken" if job.vendor_job_id else "never"
            assert sent.fate == FATES.get(job.state, taken)
            assert bool(sent.seek_at) == (sent.fate == "unknown")
    due = after.get_model("jobs", "Clip").objects.filter(next_step_at__isnull=False)
    assert [clip.job.state for clip in due] == ["saving"]


def test_a_job_whose_worker_died_after_its_last_clip_is_saved_and_one_with_clips_to_come_is_not(
    old_apps,
):
    account = old_apps.get_model("jobs", "VendorAccount").objects.get(name="Main")
    team, project = account.team, old_apps.get_model("projects", "Project").objects.get(name="Old")
    clip_model = old_apps.get_model("jobs", "Clip")
    stuck, half = (
        _job(old_apps, team, project, account, "saving", vendor_job_id=f"v-{name}")
        for name in ("stuck", "half")
    )
    for job, number, saved_at in (
        (stuck, 0, timezone.now()),
        (half, 0, timezone.now()),
        (half, 1, None),
    ):
        clip_model.objects.create(
            team=team,
            job=job,
            project=project,
            number=number,
            vendor_url="x",
            saved_at=saved_at,
            **RECIPE,
        )
    after = migrate_to([("jobs", "0005_close_what_is_saved")]).get_model("jobs", "Job").objects
    assert (after.get(pk=stuck.pk).state, after.get(pk=half.pk).state) == ("saved", "saving")
    assert after.filter(state="saving").count() == 2


def test_accounts_with_one_key_get_one_lane_and_an_unreadable_key_stops_nothing(old_apps):
    lanes = {
        account.name: account.lane
        for account in migrate_to(AFTER)
        .get_model("jobs", "VendorAccount")
        .objects.select_related("lane")
    }
    assert lanes["Main"] == lanes["Same key"]
    assert len({lane.pk for lane in lanes.values()}) == 3
    assert (lanes["Main"].orders_per_minute, lanes["Main"].in_flight) == (2, 2)
    assert (lanes["Sandbox"].orders_per_minute, lanes["Sandbox"].in_flight) == (0, 0)


@pytest.mark.parametrize("stop", ["0001_initial", "0002_lanes_sendings_chains"])
def test_what_was_settled_since_is_not_settled_again_on_the_way_back_and_forward(old_apps, stop):
    after = migrate_to(AFTER)
    lines = after.get_model("budgets", "Line").objects
    hold = lines.get(order=after.get_model("jobs", "Job").objects.get(state="at_vendor").public_id)
    after.get_model("jobs", "Job").objects.filter(public_id=hold.order).update(state="failed")
    for kind, held, spent in (("charge", -hold.held, hold.held), ("refund", 0, -hold.held)):
        hold.pk, hold.kind, hold.held, hold.spent = None, kind, held, spent
        hold.save(force_insert=True)
    migrate_to([("jobs", stop)])
    mine = migrate_to(AFTER).get_model("budgets", "Line").objects.filter(order=hold.order)
    assert sorted(mine.values_list("kind", flat=True)) == ["charge", "hold", "refund"]


def test_jobs_are_kept_on_the_way_back_and_counted_once_on_the_way_forward(old_apps):
    first = migrate_to(AFTER)
    count = first.get_model("budgets", "Line").objects.count()
    back = migrate_to(BEFORE)
    assert back.get_model("jobs", "Job").objects.count() == len(MONEY) + 1
    again = migrate_to(AFTER)
    assert again.get_model("budgets", "Line").objects.count() == count
    assert again.get_model("jobs", "Sending").objects.count() == 7

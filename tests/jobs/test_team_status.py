"""Orders of an inactive team wait; jobs already at a vendor are finished, because they are paid."""

import pytest

from apps.budgets.services import cost_of
from apps.jobs.fair_queue import pick_next_jobs
from apps.jobs.models import Job
from apps.jobs.states import State
from apps.jobs.workers.polling import poll_due
from apps.jobs.workers.submitting import submit_due
from apps.teams.models import Team
from apps.teams.states import TeamStatus
from tests.support.vendor import done_report

pytestmark = pytest.mark.django_db
NOT_ACTIVE = [TeamStatus.ARCHIVED, TeamStatus.SUSPENDED]


def stands(team: Team, status: TeamStatus) -> None:
    Team.objects.filter(pk=team.pk).update(status=status)


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_a_queued_order_is_sent_when_its_team_is_active_again(vendor, job_in, team, status):
    job = job_in(State.QUEUED)
    stands(team, status)
    assert not Job.objects.to_be_sent().exists()
    submit_due(job.account.lane)
    job.refresh_from_db()
    assert (job.state, vendor.orders) == (State.QUEUED, [])
    assert cost_of([job.public_id])[job.public_id].state == "held"
    stands(team, TeamStatus.ACTIVE)
    submit_due(job.account.lane)
    job.refresh_from_db()
    assert (job.state, len(vendor.orders)) == (State.AT_VENDOR, 1)


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_a_team_closed_while_its_order_is_prepared_sends_nothing(
    vendor, job_in, team, status, monkeypatch
):
    job = job_in(State.QUEUED)
    (chosen,) = pick_next_jobs(job.account.lane, 1)
    stands(team, status)
    monkeypatch.setattr("apps.jobs.workers.submitting.pick_next_jobs", lambda *_: [chosen])
    submit_due(job.account.lane)
    job.refresh_from_db()
    assert (job.state, job.submissions.count(), vendor.orders) == (State.QUEUED, 0, [])


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_a_job_at_the_vendor_is_polled_and_paid_once(vendor, job_in, team, status):
    job = job_in(State.AT_VENDOR)
    vendor.reports_.append(done_report())
    stands(team, status)
    poll_due(job.account.lane)
    job.refresh_from_db()
    assert job.state == State.SAVING
    assert cost_of([job.public_id])[job.public_id].state == "charged"

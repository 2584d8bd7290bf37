import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.activity.models import Event
from apps.budgets.services import cost_of
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, Lane
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import State, StopAnswer
from apps.jobs.workers import stopping
from apps.jobs.workers.reports import apply_reports
from apps.jobs.workers.stopping import stop
from apps.vendors.errors import Refused, TryLater, Unsure
from apps.vendors.types import StopResult
from tests.support.factories import an_account
from tests.support.vendor import done

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(job_in, creator):
    job = job_in(State.AT_VENDOR)
    services.cancel(creator, job)
    return job


def stop_job(job: Job) -> Job:
    stop(Job.objects.select_related("account", "chain").get(pk=job.pk))
    return Job.objects.get(pk=job.pk)


def cost(job: Job) -> str:
    return str(cost_of([job.public_id])[job.public_id].state)


def test_a_vendor_that_does_not_answer_is_asked_again_and_holds_up_nobody(vendor, job, monkeypatch):
    monkeypatch.setattr(stopping, "SECONDS", 0.05)

    async def stop(_vendor_job_id):
        await asyncio.Event().wait()

    vendor.stop = stop
    job = stop_job(job)
    assert (job.state, job.stop_answer) == (State.AT_VENDOR, StopAnswer.ASKED)
    assert job.stop_at > timezone.now()
    assert Lane.objects.get(pk=job.account.lane_id).failure_count == 1


def test_a_vendor_that_is_left_alone_is_not_asked_to_stop_anything(vendor, job):
    vendor.trouble = AssertionError("It was asked.")
    until = timezone.now() + timedelta(minutes=3)
    Lane.objects.filter(pk=job.account.lane_id).update(paused_until=until)
    job = stop_job(job)
    assert (job.stop_at, job.stop_answer) == (until, StopAnswer.ASKED)


def test_what_has_not_left_is_taken_back_and_costs_nothing(creator, job_in):
    job = job_in(State.QUEUED)
    services.cancel(creator, job)
    assert (job.state, cost(job)) == (State.CANCELLED, "voided")


@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.PLANNED, State.QUEUED, State.AT_VENDOR})
)
def test_what_is_on_its_way_or_over_cannot_be_taken_back(creator, job_in, state):
    job = job_in(state)
    with pytest.raises(DomainError, match="Check its status"):
        services.cancel(creator, job)
    assert job.state == state


def test_a_job_sent_a_moment_before_the_click_is_not_called_cancelled(creator, job_in):
    job = job_in(State.QUEUED)
    Job.objects.filter(pk=job.pk).update(state=State.SUBMITTING)
    with pytest.raises(DomainError, match="Check its status"):
        services.cancel(creator, job)
    assert cost(job) == "held"


def test_a_wish_to_stop_is_written_down_for_one_worker(job):
    job.refresh_from_db()
    assert (job.state, job.stop_answer) == (State.AT_VENDOR, StopAnswer.ASKED)
    assert list(Job.objects.all().claim_stops()) == [job.pk]
    assert list(Job.objects.all().claim_stops()) == []


def test_a_job_that_the_vendor_stopped_is_cancelled_and_its_money_expected_back(vendor, job):
    vendor.stop_answer = StopResult.STOPPED
    job = stop_job(job)
    assert (job.state, job.stop_answer, job.stop_at) == (State.CANCELLED, StopAnswer.STOPPED, None)
    assert cost(job) == "expected_refund"


def test_a_vendor_that_never_charges_what_it_stopped_is_charged_nothing(
    vendor, team, job_in, creator
):
    vendor.stop_answer = StopResult.STOPPED
    job = job_in(State.AT_VENDOR, account=an_account(team, kind="comet"))
    services.cancel(creator, job)
    assert cost(stop_job(job)) == "voided"


@pytest.mark.parametrize(
    ("said", "answer"),
    [(StopResult.UNSUPPORTED, StopAnswer.UNABLE), (StopResult.TOO_LATE, StopAnswer.TOO_LATE)],
)
def test_a_job_that_cannot_be_stopped_goes_on_and_says_so(vendor, job, said, answer):
    vendor.stop_answer = said
    job = stop_job(job)
    assert (job.state, job.stop_answer, job.stop_at, cost(job)) == (
        State.AT_VENDOR,
        answer,
        None,
        "held",
    )
    assert Event.objects.filter(subject_id=job.public_id, verb="not_stopped").count() == 1


@pytest.mark.parametrize(
    "trouble", [TryLater("Closed."), Unsure("Hello?")], ids=["closed", "unsure"]
)
def test_a_vendor_that_gives_no_answer_is_asked_again(vendor, job, trouble):
    vendor.trouble = trouble
    job = stop_job(job)
    assert (job.state, job.stop_answer) == (State.AT_VENDOR, StopAnswer.ASKED)
    assert job.stop_at > timezone.now()


def test_a_vendor_that_refuses_to_stop_is_not_asked_for_ever(vendor, job):
    vendor.trouble = Refused("We do not do that.")
    job = stop_job(job)
    assert (job.stop_answer, job.reason, job.stop_at) == (
        StopAnswer.UNABLE,
        "We do not do that.",
        None,
    )


def test_a_job_that_was_finished_before_anybody_asked_was_too_late_to_stop(vendor, job):
    apply_reports(job.account.lane, {job.vendor_job_id: done()}, PollSchedule(job.account.lane))
    job = stop_job(job)
    assert (job.state, job.stop_answer, job.stop_at) == (State.SAVING, StopAnswer.TOO_LATE, None)
    assert vendor.asked == []


def test_a_job_that_is_finished_while_the_vendor_is_asked_keeps_its_clip(vendor, job):
    vendor.stop_answer, stale = (
        StopResult.STOPPED,
        Job.objects.select_related("account", "chain").get(pk=job.pk),
    )
    apply_reports(job.account.lane, {job.vendor_job_id: done()}, PollSchedule(job.account.lane))
    stop(stale)
    job.refresh_from_db()
    assert (job.state, job.outputs.count(), cost(job)) == (State.SAVING, 1, "charged")


def test_a_worker_that_dies_while_asking_is_followed_by_another(job):
    list(Job.objects.all().claim_stops())
    Job.objects.update(stop_at=timezone.now() - timedelta(seconds=1))
    assert list(Job.objects.all().claim_stops()) == [job.pk]

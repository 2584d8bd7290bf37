import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.activity.models import Event
from apps.budgets.services import cost_of
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, Lane, VendorRequest
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import RequestAnswer, State
from apps.jobs.workers import stopping
from apps.jobs.workers.reports import apply_reports
from apps.jobs.workers.stopping import stop
from apps.vendors.errors import Refused, TryLater, Unsure
from apps.vendors.types import StopResult
from tests.support.factories import an_account
from tests.support.vendor import done_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(job_in, creator):
    job = job_in(State.AT_VENDOR)
    services.cancel(creator, job)
    return job


def request_of(job: Job) -> VendorRequest:
    return VendorRequest.objects.select_related("job__account__lane", "job__chain").get(job=job)


def stop_job(job: Job) -> tuple[Job, VendorRequest | None]:
    """Let a worker ask once; return the job and the request as they are then."""
    stop(request_of(job))
    return Job.objects.get(pk=job.pk), VendorRequest.objects.filter(job=job).first()


def claim_due() -> list[VendorRequest]:
    return VendorRequest.objects.claim_due()


def cost(job: Job) -> str:
    return str(cost_of([job.public_id])[job.public_id].state)


def test_a_vendor_that_does_not_answer_is_asked_again_and_holds_up_nobody(vendor, job, monkeypatch):
    monkeypatch.setattr(stopping, "TIMEOUT_SECONDS", 0.05)

    async def stop(_vendor_job_id):
        await asyncio.Event().wait()

    vendor.stop = stop
    job, request = stop_job(job)
    assert (job.state, request.tries) == (State.AT_VENDOR, 1)
    assert request.next_try_at > timezone.now()
    assert Lane.objects.get(pk=job.account.lane_id).failure_count == 1


def test_a_paused_vendor_is_not_asked_to_stop_a_job(vendor, job):
    vendor.trouble = AssertionError("It was asked.")
    until = timezone.now() + timedelta(minutes=3)
    Lane.objects.filter(pk=job.account.lane_id).update(paused_until=until)
    job, request = stop_job(job)
    assert (request.next_try_at, request.tries) == (until, 0)


def test_a_job_that_was_not_sent_is_cancelled_and_costs_nothing(creator, job_in):
    job = job_in(State.QUEUED)
    services.cancel(creator, job)
    assert (job.state, cost(job)) == (State.CANCELLED, "voided")


@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.PLANNED, State.QUEUED, State.AT_VENDOR})
)
def test_a_job_on_its_way_or_ended_cannot_be_cancelled(creator, job_in, state):
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


def test_a_request_to_stop_goes_to_one_worker(job):
    assert (job.state, request_of(job).is_unanswered) == (State.AT_VENDOR, True)
    assert claim_due() == [request_of(job)]
    assert claim_due() == []


def test_who_presses_twice_asks_once_and_may_ask_again_after_a_refusal(job, creator):
    asked = Event.objects.filter(subject_id=job.public_id, verb="asked_to_stop")
    services.cancel(creator, job)
    assert (VendorRequest.objects.count(), asked.count()) == (1, 1)
    request_of(job).note_answer(RequestAnswer.UNABLE)
    services.cancel(creator, job)
    request = request_of(job)
    assert (request.is_unanswered, request.answer, request.done_at) == (True, "", None)
    assert asked.count() == 2


def test_a_job_that_the_vendor_stopped_is_cancelled_and_its_money_expected_back(vendor, job):
    vendor.stop_answer = StopResult.STOPPED
    job, request = stop_job(job)
    assert (job.state, request.is_fulfilled) == (State.CANCELLED, True)
    assert request.done_at <= timezone.now()
    assert cost(job) == "expected_refund"


def test_a_vendor_that_never_charges_what_it_stopped_is_charged_nothing(
    vendor, team, job_in, creator
):
    vendor.stop_answer = StopResult.STOPPED
    job = job_in(State.AT_VENDOR, account=an_account(team, kind="comet"))
    services.cancel(creator, job)
    assert cost(stop_job(job)[0]) == "voided"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (StopResult.UNSUPPORTED, RequestAnswer.UNABLE),
        (StopResult.TOO_LATE, RequestAnswer.TOO_LATE),
    ],
)
def test_a_job_that_cannot_be_stopped_goes_on_and_says_so(vendor, job, said, answer):
    vendor.stop_answer = said
    job, request = stop_job(job)
    assert (job.state, cost(job)) == (State.AT_VENDOR, "held")
    assert (request.answer, request.next_try_at) == (answer, None)
    assert Event.objects.filter(subject_id=job.public_id, verb="not_stopped").count() == 1


@pytest.mark.parametrize(
    "trouble", [TryLater("Closed."), Unsure("Hello?")], ids=["closed", "unsure"]
)
def test_a_vendor_that_gives_no_answer_is_asked_again(vendor, job, trouble):
    vendor.trouble = trouble
    job, request = stop_job(job)
    assert (job.state, request.tries) == (State.AT_VENDOR, 1)
    assert request.next_try_at > timezone.now()


def test_a_vendor_that_refuses_to_stop_is_not_asked_for_ever(vendor, job):
    vendor.trouble = Refused("We do not do that.")
    job, request = stop_job(job)
    assert (request.is_refused, request.next_try_at) == (True, None)
    assert job.reason == "We do not do that."


def test_a_job_that_was_finished_before_anybody_asked_was_too_late_to_stop(vendor, job):
    apply_reports(
        job.account.lane, {job.vendor_job_id: done_report()}, PollSchedule(job.account.lane)
    )
    job, request = stop_job(job)
    assert (job.state, request.is_too_late) == (State.SAVING, True)
    assert vendor.asked == []


def test_a_job_that_its_vendor_never_ended_leaves_no_request_behind(vendor, job):
    Job.objects.filter(pk=job.pk).update(state=State.FAILED)
    assert stop_job(job)[1] is None
    assert vendor.asked == []


def test_a_job_that_is_finished_while_the_vendor_is_asked_keeps_its_clip(vendor, job):
    vendor.stop_answer = StopResult.STOPPED
    stale = request_of(job)
    apply_reports(
        job.account.lane, {job.vendor_job_id: done_report()}, PollSchedule(job.account.lane)
    )
    stop(stale)
    job.refresh_from_db()
    assert (job.state, job.outputs.count(), cost(job)) == (State.SAVING, 1, "charged")
    assert request_of(job).is_unanswered
    assert stop_job(job)[1].is_too_late


def test_a_worker_that_dies_while_asking_is_followed_by_another(job):
    claim_due()
    VendorRequest.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert claim_due() == [request_of(job)]

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone

from apps.budgets.models import LedgerEntry
from apps.budgets.services import cost_of
from apps.jobs import services, tasks
from apps.jobs.models import Job, Submission
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers import outcomes, submission_attempt
from apps.jobs.workers.reports import apply_reports
from apps.jobs.workers.submitting import (
    MOST_ORDERS_PER_PASS,
    UNCONFIRMED_AFTER,
    mark_unconfirmed,
    submit_due,
)
from apps.vendors.errors import Moderated, Refused, TryLater, Unsure
from tests.support.factories import an_image
from tests.support.vendor import done_report

pytestmark = pytest.mark.django_db


def submit_job(job: Job) -> Job:
    submit_due(job.account.lane)
    return fresh(job)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("account__lane", "image", "chain").get(pk=job.pk)


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        pytest.param(
            TryLater("Closed."),
            (State.QUEUED, SubmissionOutcome.NOT_RECEIVED, "held"),
            id="never-left",
        ),
        pytest.param(
            Refused("No."), (State.FAILED, SubmissionOutcome.NOT_RECEIVED, "voided"), id="refused"
        ),
        pytest.param(
            Moderated("Not that."),
            (State.MODERATED, SubmissionOutcome.NOT_RECEIVED, "voided"),
            id="moderated",
        ),
        pytest.param(
            Unsure("Hello?"),
            (State.UNCONFIRMED, SubmissionOutcome.UNKNOWN, "held"),
            id="answer-lost",
        ),
    ],
)
def test_the_vendors_error_decides_the_state_and_the_cost(vendor, job_in, trouble, expected):
    state, outcome, cost = expected
    trouble.vendor_message = "verbatim"
    vendor.trouble = trouble
    job = submit_job(job_in(State.QUEUED))
    assert (job.state, job.reason, job.vendor_message) == (state, str(trouble), "verbatim")
    assert job.submissions.get().outcome == outcome
    assert cost_of([job.public_id])[job.public_id].state == cost


def test_an_order_carries_image_prompt_parameters_reference_and_webhook_address(vendor, job_in):
    job = submit_job(job_in(State.QUEUED, parameters={"resolution": "720p", "seed": 7}))
    (order,) = vendor.orders
    submission = job.submissions.get()
    assert (order.prompt, order.parameters) == (job.prompt_text, {"resolution": "720p", "seed": 7})
    assert submission.reference == order.reference
    assert order.reference in order.image_url
    assert order.reference in order.webhook_url
    assert (job.state, job.vendor_job_id, job.vendor_status) == (
        State.AT_VENDOR,
        "memory-1",
        "created",
    )


@pytest.mark.usefixtures("local_files")
def test_a_vendor_that_cannot_reach_us_gets_the_image_uploaded(vendor, job_in, settings):
    settings.VENDORS_REACH_US = False
    job = submit_job(job_in(State.QUEUED))
    reference = job.submissions.get().reference
    assert vendor.uploads == [f"{reference}.jpg"]
    assert (vendor.orders[0].image_url, vendor.orders[0].webhook_url) == (
        f"https://media.vendor.example/{reference}.jpg",
        "",
    )


def test_a_repeated_pass_orders_once(vendor, job_in):
    job = job_in(State.QUEUED)
    submit_job(job)
    submit_job(job)
    assert len(vendor.orders) == 1


def test_a_repeated_vendor_id_leaves_the_second_job_unconfirmed(vendor, job_in):
    first = submit_job(job_in(State.QUEUED))
    vendor.orders.clear()
    second = submit_job(job_in(State.QUEUED))
    assert (first.vendor_job_id, second.state) == ("memory-1", State.UNCONFIRMED)
    assert "another job" in second.reason


def test_a_worker_that_dies_while_sending_leaves_a_job_to_search_for(vendor, job_in):
    now = timezone.now()
    job = job_in(State.SUBMITTING, submitted_at=now - UNCONFIRMED_AFTER, next_step_at=now)
    (pk,) = Job.objects.claim_unanswered()
    mark_unconfirmed(Job.objects.get(pk=pk))
    assert fresh(job).state == State.UNCONFIRMED
    assert [one.job_id for one in Submission.objects.due_for_reconciliation()] == [job.pk]
    assert vendor.orders == []


def test_a_busy_vendor_sets_the_time_of_the_next_try(vendor, job_in):
    vendor.trouble = TryLater("Busy.", retry_after=90)
    job = submit_job(job_in(State.QUEUED))
    assert timedelta(seconds=80) < job.next_step_at - timezone.now() <= timedelta(seconds=90)
    assert job.account.lane.is_paused


def test_a_job_whose_image_is_gone_is_never_sent_and_costs_nothing(vendor, job_in):
    job = job_in(State.QUEUED)
    job.image.delete()
    job = submit_job(job)
    assert job.state == State.FAILED
    assert "image was deleted" in job.reason
    assert cost_of([job.public_id])[job.public_id].state == "voided"
    assert vendor.orders == []


def cost(job: Job) -> tuple[str, str, str]:
    known = cost_of([job.public_id])[job.public_id]
    return str(known.state), f"{known.held:.2f}", f"{known.spent:.2f}"


def lose_worker(job: Job) -> Job:
    """Mark the job as if its worker had died."""
    Job.objects.filter(pk=job.pk).update(submitted_at=timezone.now() - UNCONFIRMED_AFTER)
    mark_unconfirmed(fresh(job))
    assert fresh(job).state == State.UNCONFIRMED
    return fresh(job)


def test_a_fresh_submission_is_not_marked_unconfirmed_by_a_late_task(vendor, job_in):
    job = job_in(State.SUBMITTING)
    mark_unconfirmed(job)
    assert fresh(job).state == State.SUBMITTING


def test_an_answer_after_the_timeout_is_not_lost(vendor, job_in):
    job = job_in(State.QUEUED)
    vendor.meanwhile = lambda: lose_worker(job)
    job = submit_job(job)
    assert (job.state, job.vendor_job_id, job.is_late) == (State.AT_VENDOR, "memory-1", False)
    assert job.submissions.get().outcome == SubmissionOutcome.ACCEPTED


def test_an_answer_after_the_job_was_given_up_comes_late(vendor, job_in, creator):
    job = job_in(State.QUEUED)
    vendor.meanwhile = lambda: services.give_up(creator, lose_worker(job))
    job = submit_job(job)
    assert (job.state, job.vendor_job_id, job.is_late) == (State.AT_VENDOR, "memory-1", True)


def test_an_answer_that_comes_before_the_job_is_sent_again_saves_the_second_order(
    vendor, job_in, creator
):
    job = job_in(State.QUEUED)
    vendor.meanwhile = lambda: services.send_again(creator, lose_worker(job))
    job = submit_job(job)
    assert (job.state, job.submission_number) == (State.AT_VENDOR, 1)
    assert cost(job) == ("held", "0.15", "0.00")
    vendor.meanwhile = None
    submit_job(job)
    assert len(vendor.orders) == 1


def test_two_answers_to_one_job_are_two_jobs_and_both_are_counted(vendor, job_in, creator):
    job = job_in(State.QUEUED)

    def send_it_again() -> None:
        vendor.meanwhile = None
        services.send_again(creator, lose_worker(job))
        # The second order is on its way as the answer to the first comes in.
        again = Job.objects.get(pk=job.pk)
        again.move(State.SUBMITTING, submitted_at=timezone.now())
        Submission.objects.create(team=again.team, job=again, number=2)

    vendor.meanwhile = send_it_again
    job = submit_job(job)
    twin = Job.objects.exclude(pk=job.pk).get()
    assert (job.state, job.vendor_job_id) == (State.SUBMITTING, "")
    assert (twin.state, twin.vendor_job_id, twin.is_late, twin.rerun_of) == (
        State.AT_VENDOR, "memory-1", True, job,
    )  # fmt: skip
    assert twin.submissions.get().outcome == SubmissionOutcome.ACCEPTED
    assert cost(job) == ("held", "0.15", "0.00")
    assert cost(twin) == ("held", "0.15", "0.00")


def test_a_charge_entered_by_a_person_counts_once_when_the_order_turns_up(job_in, creator):
    job = job_in(State.FAILED)
    first = job.submissions.get()
    Submission.objects.filter(pk=first.pk).update(
        outcome=SubmissionOutcome.UNKNOWN, vendor_job_id=""
    )
    services.settle(creator, job, was_charged=True)
    Job.objects.filter(pk=job.pk).update(vendor_job_id="second", submission_number=2)
    outcomes.record_accepted(first, "first", vendor_status="", accepted_at=timezone.now())
    twin = Job.objects.exclude(pk=job.pk).get()
    apply_reports(twin.account.lane, {"first": done_report()}, PollSchedule(twin.account.lane))
    assert Job.objects.get(pk=twin.pk).state == State.SAVING
    assert (cost(job), cost(twin)) == (("charged", "0.00", "0.15"), ("charged", "0.00", "0.00"))


def test_an_unsent_second_order_is_not_repeated_where_the_first_was_found(vendor, job_in, creator):
    job = job_in(State.QUEUED)

    def first_answer() -> None:
        vendor.meanwhile = None
        submission = Submission.objects.get(job=job, number=1)
        outcomes.record_accepted(submission, "first", vendor_status="", accepted_at=timezone.now())
        vendor.trouble = TryLater("Closed.")

    vendor.trouble = Unsure("Hello?")
    job = submit_job(job)
    services.send_again(creator, job)
    vendor.trouble, vendor.meanwhile = None, first_answer
    job = submit_job(job)
    assert (job.state, Job.objects.exclude(pk=job.pk).get().vendor_job_id) == (
        State.FAILED,
        "first",
    )
    assert cost(job) == ("voided", "0.00", "0.00")


@pytest.mark.parametrize(
    ("trouble", "state", "money"),
    [
        (TryLater("Closed."), State.QUEUED, ("held", "0.15", "0.00")),
        (Refused("No."), State.FAILED, ("voided", "0.00", "0.00")),
        (Moderated("Not that."), State.MODERATED, ("voided", "0.00", "0.00")),
        (Unsure("Hello?"), State.UNCONFIRMED, ("held", "0.15", "0.00")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_refusal_after_the_timeout_counts(vendor, job_in, trouble, state, money):
    job = job_in(State.QUEUED)
    vendor.trouble, vendor.meanwhile = trouble, lambda: lose_worker(job)
    job = submit_job(job)
    assert (job.state, cost(job)) == (state, money)


def test_a_refusal_of_a_job_that_was_sent_again_frees_only_its_own_hold(vendor, job_in, creator):
    job = job_in(State.QUEUED)
    vendor.trouble = Refused("No.")
    vendor.meanwhile = lambda: services.send_again(creator, lose_worker(job))
    job = submit_job(job)
    assert (job.state, job.submission_number, cost(job)) == (
        State.QUEUED,
        2,
        ("held", "0.15", "0.00"),
    )
    assert sorted(LedgerEntry.objects.values_list("submission_number", "kind")) == [
        (1, "hold"),
        (1, "void"),
        (2, "hold"),
    ]


@pytest.mark.usefixtures("local_files")
def test_a_job_that_changed_while_its_image_was_uploaded_is_not_sent(
    vendor, job_in, creator, settings
):
    settings.VENDORS_REACH_US = False
    job, upload = job_in(State.QUEUED), vendor.upload

    def another_pass() -> None:
        sent = Job.objects.get(pk=job.pk)
        sent.move(State.SUBMITTING, submission_number=1, submit_tries=1)
        Submission.objects.create(team=sent.team, job=sent, number=1, reference="the-first")
        sent.move(State.UNCONFIRMED)
        services.send_again(creator, sent)

    async def slow_upload(*given):
        await sync_to_async(another_pass)()
        return await upload(*given)

    vendor.upload = slow_upload
    job = submit_job(job)
    assert (vendor.orders, job.state, job.submission_number) == ([], State.QUEUED, 2)
    assert job.submissions.get().reference == "the-first"


@pytest.mark.usefixtures("local_files")
def test_a_missing_file_or_a_fault_of_our_own_spoils_no_other_order(vendor, team, job_in, settings):
    settings.VENDORS_REACH_US = False
    missing, fine = job_in(State.QUEUED, image=an_image(team)), job_in(State.QUEUED)
    default_storage.delete(missing.image.file)
    submit_due(fine.account.lane)
    assert (fresh(missing).state, fresh(fine).state) == (State.FAILED, State.AT_VENDOR)
    assert "missing" in fresh(missing).reason
    assert cost(missing) == ("voided", "0.00", "0.00")


def test_a_crash_after_the_order_was_sent_leaves_it_unconfirmed(vendor, job_in):
    def break_down() -> None:
        raise ArithmeticError

    vendor.meanwhile = break_down
    job = submit_job(job_in(State.QUEUED))
    assert (job.state, job.submissions.get().outcome) == (
        State.UNCONFIRMED,
        SubmissionOutcome.UNKNOWN,
    )
    assert job.submissions.get().search_at


@pytest.mark.usefixtures("local_files")
def test_a_crash_before_the_order_was_sent_is_a_pause(vendor, job_in, settings):
    settings.VENDORS_REACH_US = False
    job = job_in(State.QUEUED)
    default_storage.delete(job.image.file)
    # A folder where the file should be: the disk is out of order.
    default_storage.save(f"{job.image.file}/x", ContentFile(b"x"))
    job = submit_job(job)
    assert (job.state, job.submit_tries) == (State.QUEUED, 1)
    assert job.next_step_at > timezone.now()
    assert vendor.orders == []


def test_no_more_jobs_than_the_vendor_allows_are_in_flight(vendor, job_in, account):
    type(account.lane).objects.filter(pk=account.lane_id).update(in_flight=3)
    jobs = [job_in(State.QUEUED) for _ in range(5)]
    for _ in range(3):
        submit_due(fresh(jobs[0]).account.lane)
    assert len(vendor.orders) == 3
    assert submit_due(fresh(jobs[0]).account.lane) > timezone.now()


def test_one_pass_sends_no_more_than_a_handful(vendor, job_in):
    jobs = [job_in(State.QUEUED) for _ in range(MOST_ORDERS_PER_PASS + 1)]
    submit_due(jobs[0].account.lane)
    assert len(vendor.orders) == MOST_ORDERS_PER_PASS


def test_a_retry_after_counts_although_other_orders_of_the_pass_were_accepted(vendor, job_in):
    jobs = [job_in(State.QUEUED) for _ in range(2)]
    vendor.troubles = [TryLater("Slow down.", retry_after=30)]
    submit_due(jobs[0].account.lane)
    lane = fresh(jobs[0]).account.lane
    assert (len(vendor.orders), lane.is_paused, lane.failure_count) == (1, True, 0)


def test_a_failing_database_stops_no_other_order(vendor, job_in):
    jobs = [job_in(State.QUEUED) for _ in range(3)]
    broken = []

    def no_answer_is_written(execute, sql, params, many, context):
        if "accepted_at" in sql and sql.startswith("UPDATE") and len(broken) < 1:
            broken.append(sql)
            raise ValueError("No such column.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(no_answer_is_written):
        submit_due(jobs[0].account.lane)
    states = sorted(Job.objects.values_list("state", flat=True))
    assert states == [State.AT_VENDOR, State.AT_VENDOR, State.SUBMITTING]
    assert len(vendor.orders) == 3


def test_a_receipt_is_saved_although_the_database_is_busy_at_first(vendor, job_in):
    busy = []

    def fail_once(execute, sql, params, many, context):
        if "accepted_at" in sql and sql.startswith("UPDATE") and not busy:
            busy.append(sql)
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_once):
        job = submit_job(job_in(State.QUEUED))
    assert (job.state, job.vendor_job_id, len(vendor.orders)) == (State.AT_VENDOR, "memory-1", 1)


@pytest.fixture
def impatient(monkeypatch):
    """Wait for a vendor no longer than a test may."""
    monkeypatch.setattr(submission_attempt, "UPLOAD_SECONDS", 0.05)
    monkeypatch.setattr(submission_attempt, "ANSWER_SECONDS", 0.05)


async def never(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.mark.usefixtures("impatient", "local_files")
def test_an_image_that_is_not_uploaded_in_time_is_tried_again_later(vendor, job_in, settings):
    settings.VENDORS_REACH_US = False
    vendor.upload = never
    job = submit_job(job_in(State.QUEUED))
    assert (job.state, job.submit_tries, job.submissions.count()) == (State.QUEUED, 1, 0)
    assert job.next_step_at > timezone.now()
    assert job.account.lane.failure_count == 1


@pytest.mark.usefixtures("impatient")
def test_an_order_without_an_answer_is_unconfirmed_before_its_worker_is_ended(vendor, job_in):
    vendor.submit = never
    job = submit_job(job_in(State.QUEUED))
    assert (job.state, job.submissions.get().outcome) == (
        State.UNCONFIRMED,
        SubmissionOutcome.UNKNOWN,
    )


def test_a_pass_of_orders_is_over_before_its_worker_is_ended():
    limit = tasks.submit_due.time_limit
    assert (
        submission_attempt.UPLOAD_SECONDS + submission_attempt.ANSWER_SECONDS
        < limit
        < UNCONFIRMED_AFTER.total_seconds()
    )

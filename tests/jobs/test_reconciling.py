import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.models import Sum
from django.utils import timezone

from apps.budgets.models import LedgerEntry
from apps.budgets.services import cost_of
from apps.jobs import services
from apps.jobs.models import Job, Submission
from apps.jobs.models.vendor_side import PATIENCE_FACTOR, RETENTION
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers import reconciling
from apps.jobs.workers.polling import poll_due
from apps.jobs.workers.reconciling import reconcile_due
from apps.jobs.workers.submitting import submit_due
from apps.vendors import registry
from apps.vendors.errors import JobNotFound, Refused, TryLater, VendorError
from apps.vendors.types import Progress, Report, WebhookHint
from tests.support.factories import an_account
from tests.support.vendor import done_report
from tests.vendors.wavespeed.server import JobList, wavespeed

pytestmark = pytest.mark.django_db


def long_out(*, looked_after: timedelta | None = timedelta(minutes=15)) -> dict[str, Any]:
    """An order beyond its vendor's retention, and the time of its last search."""
    sent_at = timezone.now() - RETENTION
    return {"sent_at": sent_at, "searched_at": looked_after and sent_at + looked_after}


def fresh(job: Job) -> Job:
    return Job.objects.select_related("account__lane", "chain").get(pk=job.pk)


def reconcile_job(job: Job) -> Job:
    Submission.objects.filter(search_at__isnull=False).update(search_at=timezone.now())
    reconcile_due(fresh(job).account.lane)
    return fresh(job)


def cost(job: Job) -> tuple[str, str]:
    known = cost_of([job.public_id])[job.public_id]
    return str(known.state), f"{known.held:.2f}"


def money_spent(job: Job) -> str:
    return (
        f"{LedgerEntry.objects.filter(order=job.public_id).aggregate(sum=Sum('spent'))['sum']:.2f}"
    )


def report_of(submission: Submission, vendor_job_id: str = "found-1", **facts) -> Report:
    """A vendor's report of a submission: our image's address, and the id that we do not know."""
    return Report(
        progress=Progress.RUNNING,
        vendor_status="processing",
        vendor_job_id=vendor_job_id,
        **{"image_url": submission.image_url, "created_at": submission.sent_at} | facts,
    )


def show_in_list(vendor, *submissions: Submission) -> None:
    vendor.told = {
        f"found-{one.number}": [report_of(one, f"found-{one.number}")] for one in submissions
    }


@pytest.fixture
def job(job_in):
    return job_in(State.UNCONFIRMED)


@pytest.fixture
def twice(job, creator):
    """An unconfirmed job with two submissions, both of which may have been received."""
    services.send_again(creator, job)
    job.move(State.SUBMITTING)
    Submission.objects.create(
        team=job.team,
        job=job,
        number=2,
        image_url="https://mjweb.example/2.jpg",
        search_at=timezone.now(),
    )
    job.move(State.UNCONFIRMED)
    return job


def test_an_order_that_the_vendors_list_shows_goes_on_as_if_it_had_been_answered(vendor, job):
    submission = job.submissions.get()
    show_in_list(vendor, submission)
    job = reconcile_job(job)
    assert (job.state, job.vendor_job_id, job.accepted_at) == (
        State.AT_VENDOR,
        "found-1",
        submission.sent_at,
    )
    assert (job.is_late, job.reason, cost(job)) == (False, "", ("held", "0.15"))
    submission.refresh_from_db()
    assert submission.outcome == SubmissionOutcome.ACCEPTED
    assert (submission.vendor_job_id, submission.search_at) == ("found-1", None)


def test_an_order_that_is_not_found_is_searched_for_ever_more_rarely(vendor, job):
    pauses = []
    for _ in range(14):
        assert reconcile_job(job).state == State.UNCONFIRMED
        pauses.append(round((job.submissions.get().search_at - timezone.now()).total_seconds()))
    assert pauses[0] == 2
    assert pauses == sorted(pauses)
    assert pauses[-1] == 600


def test_a_submission_is_searched_for_by_one_pass_only(job):
    assert [
        one.job_id for one in Submission.objects.all().claim_due_for_reconciliation(limit=9)
    ] == [job.pk]
    assert list(Submission.objects.all().claim_due_for_reconciliation(limit=9)) == []


@pytest.mark.parametrize("repeated", ["reference", "image_url"])
def test_a_webhooks_job_id_counts_where_the_vendors_report_repeats_our_reference_or_image(
    vendor, job_in, team, repeated
):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    submission = job.submissions.get()
    services.note_hint(submission, WebhookHint(vendor_job_id="hinted-1"))
    ours = {"reference": submission.reference, "image_url": submission.image_url}
    facts = {"image_url": "", repeated: ours[repeated]}
    vendor.told = {"hinted-1": [report_of(submission, "", **facts)]}
    job = reconcile_job(job)
    assert (job.state, job.vendor_job_id) == (State.AT_VENDOR, "hinted-1")


@pytest.mark.parametrize("answer", ["another's", "lost", "odd"])
def test_a_forged_webhook_finds_nothing(vendor, job_in, team, answer):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    submission = job.submissions.get()
    services.note_hint(submission, WebhookHint(vendor_job_id="forged-1"))
    vendor.told = {
        "forged-1": [
            report_of(submission, image_url="https://else.example/1.jpg", reference="not-ours")
        ]
    }
    vendor.trouble = {"another's": None, "lost": Refused("No."), "odd": VendorError("What?")}[
        answer
    ]
    assert reconcile_job(job).state == State.UNCONFIRMED


def test_a_wrong_id_in_one_webhook_keeps_no_other_order_from_being_found(vendor, job_in):
    strange, fine = job_in(State.UNCONFIRMED), job_in(State.UNCONFIRMED)
    services.note_hint(strange.submissions.get(), WebhookHint(vendor_job_id="strange"))
    show_in_list(vendor, fine.submissions.get())

    async def report(_vendor_job_id):
        raise TryLater("Out of order, for this id.")

    vendor.report = report
    reconcile_job(fine)
    assert (fresh(strange).state, fresh(fine).state) == (State.UNCONFIRMED, State.AT_VENDOR)


def test_a_webhook_during_a_search_is_not_overlooked(vendor, job):
    submission = job.submissions.get()

    async def find_orders(_sought):
        await sync_to_async(services.note_hint)(submission, WebhookHint(vendor_job_id="found-1"))
        yield {submission.reference: None}

    vendor.find_orders = find_orders
    reconcile_job(job)
    submission.refresh_from_db()
    assert submission.search_at <= timezone.now()


@pytest.mark.parametrize("off", [timedelta(days=-20_000), timedelta(days=-8), timedelta(days=3000)])
def test_a_vendor_whose_clock_is_wrong_loses_no_job_that_it_has(vendor, job, off):
    submission = job.submissions.get()
    vendor.told = {"found-1": [report_of(submission, created_at=submission.sent_at + off)]}
    job = reconcile_job(job)
    assert submission.sent_at <= job.accepted_at <= timezone.now()
    Job.objects.update(next_step_at=timezone.now())
    poll_due(fresh(job).account.lane)
    assert fresh(job).state == State.AT_VENDOR


def test_a_charge_entered_by_a_person_stays_and_keeps_no_other_order_from_being_found(
    vendor, job_in, creator
):
    old, new = job_in(State.UNCONFIRMED), job_in(State.UNCONFIRMED)
    services.give_up(creator, old)
    services.settle(creator, fresh(old), was_charged=True)
    Submission.objects.filter(job=old).update(**long_out())
    show_in_list(vendor, new.submissions.get())
    reconcile_job(new)
    assert (fresh(new).state, cost(old)) == (State.AT_VENDOR, ("charged", "0.00"))
    assert old.submissions.get().outcome == SubmissionOutcome.NOT_RECEIVED


def test_a_charge_entered_by_a_person_stays_though_the_job_failed_later(
    vendor, job_in, team, creator
):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    services.give_up(creator, job)
    services.settle(creator, fresh(job), was_charged=True)
    submission = job.submissions.get()
    services.note_hint(submission, WebhookHint(vendor_job_id="hinted-1"))
    failed = Report(progress=Progress.FAILED, vendor_status="FAILURE")
    vendor.told = {"hinted-1": [report_of(submission, "", reference=submission.reference), failed]}
    assert reconcile_job(job).state == State.AT_VENDOR
    Job.objects.update(next_step_at=timezone.now())
    poll_due(fresh(job).account.lane)
    assert (fresh(job).state, cost(job)) == (State.FAILED, ("charged", "0.00"))


def test_a_result_that_cannot_be_applied_keeps_no_other_order_from_being_found(vendor, job_in):
    broken, fine = job_in(State.UNCONFIRMED), job_in(State.UNCONFIRMED)
    show_in_list(vendor, fine.submissions.get())
    reference = broken.submissions.get().reference
    vendor.told["broken"] = [report_of(broken.submissions.get(), "b-1", created_at="yesterday")]
    reconcile_job(fine)
    assert fresh(fine).state == State.AT_VENDOR
    assert Submission.objects.get(reference=reference).outcome == SubmissionOutcome.UNKNOWN


def test_a_search_that_takes_too_long_is_stopped_and_repeated_later(vendor, job, monkeypatch):
    monkeypatch.setattr(reconciling, "SEARCH_SECONDS", 0.05)

    async def find_orders(_sought):
        await asyncio.Event().wait()
        yield {}

    vendor.find_orders = find_orders
    job, submission = reconcile_job(job), job.submissions.get()
    assert (job.state, submission.search_count, job.account.lane.failure_count) == (
        State.UNCONFIRMED,
        0,
        1,
    )
    assert submission.search_at > timezone.now()


def test_many_lost_orders_are_searched_for_a_few_at_a_time(vendor, job_in):
    jobs = [job_in(State.UNCONFIRMED) for _ in range(reconciling.MOST_SEARCHES_PER_PASS + 3)]
    searches = []

    async def find_orders(reconcile_job):
        searches.append({one.reference for one in reconcile_job})
        yield dict.fromkeys(searches[-1])

    vendor.find_orders = find_orders
    lane = fresh(jobs[0]).account.lane
    reconcile_due(lane)
    reconcile_due(lane)
    assert [len(marks) for marks in searches] == [reconciling.MOST_SEARCHES_PER_PASS, 3]
    assert not searches[0] & searches[1]


def test_a_vendor_out_of_order_is_searched_for_one_order_at_a_time(vendor, job_in):
    jobs = [job_in(State.UNCONFIRMED) for _ in range(3)]
    type(jobs[0].account.lane).objects.update(failure_count=5)
    reconcile_due(fresh(jobs[0]).account.lane)
    assert sorted(Submission.objects.values_list("search_count", flat=True)) == [0, 0, 1]


@pytest.mark.parametrize(
    ("hint", "search_count"), [("", 1), ("hinted-1", 0)], ids=["nothing to ask", "out of reach"]
)
def test_a_vendor_that_gave_no_answer_has_not_recovered(vendor, job_in, team, hint, search_count):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    Submission.objects.update(unverified_job_id=hint)
    type(job.account.lane).objects.update(failure_count=5)
    vendor.trouble = TryLater("Closed.")
    job = reconcile_job(job)
    assert (job.state, job.account.lane.failure_count, job.submissions.get().search_count) == (
        State.UNCONFIRMED,
        5,
        search_count,
    )


def test_a_vendor_that_answers_about_a_webhooks_id_has_recovered(vendor, job_in, team):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    Submission.objects.update(unverified_job_id="hinted-1")
    type(job.account.lane).objects.update(failure_count=5)
    vendor.trouble = Refused("Never heard of it.")
    assert reconcile_job(job).account.lane.failure_count == 0


def test_an_order_given_up_comes_late(vendor, job, creator):
    services.give_up(creator, job)
    show_in_list(vendor, job.submissions.get())
    job = reconcile_job(job)
    assert (job.state, job.is_late, cost(job)) == (State.AT_VENDOR, True, ("held", "0.15"))


def test_an_order_found_before_its_resubmission_is_not_sent_again(vendor, job, creator):
    services.send_again(creator, job)
    assert cost(job) == ("held", "0.30")
    show_in_list(vendor, job.submissions.get())
    job = reconcile_job(job)
    assert (job.state, job.submission_number, cost(job)) == (State.AT_VENDOR, 1, ("held", "0.15"))
    submit_due(job.account.lane)
    assert vendor.orders == []


def test_two_received_submissions_are_two_jobs_and_both_are_charged(vendor, twice):
    show_in_list(vendor, *twice.submissions.order_by("number"))
    job = reconcile_job(twice)
    twin = Job.objects.exclude(pk=job.pk).get()
    assert {job.vendor_job_id, twin.vendor_job_id} == {"found-1", "found-2"}
    assert (job.state, twin.state, twin.is_late) == (State.AT_VENDOR, State.AT_VENDOR, True)
    assert (cost(job), cost(twin)) == (("held", "0.15"), ("held", "0.15"))
    assert (twin.rerun_of, twin.recipe()) == (job, job.recipe())
    assert twin.submissions.get().vendor_job_id == twin.vendor_job_id


def test_of_two_submissions_the_one_not_received_holds_nothing_in_the_end(vendor, twice):
    first, second = twice.submissions.order_by("number")
    show_in_list(vendor, second)
    job = reconcile_job(twice)
    assert (job.vendor_job_id, cost(job)) == ("found-2", ("held", "0.30"))
    Submission.objects.filter(pk=first.pk).update(**long_out())
    job = reconcile_job(job)
    first.refresh_from_db()
    assert (first.outcome, job.state, cost(job)) == (
        SubmissionOutcome.NOT_RECEIVED,
        State.AT_VENDOR,
        ("held", "0.15"),
    )


def test_two_submissions_that_the_vendor_counts_as_one_are_charged_once(vendor, twice):
    first, second = twice.submissions.order_by("number")
    vendor.told = {"one": [report_of(first, "one")], "the same": [report_of(second, "one")]}
    job = reconcile_job(twice)
    assert (Job.objects.count(), job.vendor_job_id, cost(job)) == (1, "one", ("held", "0.15"))


def test_an_id_of_another_job_is_not_adopted(vendor, job_in):
    other, job = job_in(State.AT_VENDOR), job_in(State.UNCONFIRMED)
    vendor.told = {"x": [report_of(job.submissions.get(), other.vendor_job_id)]}
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome) == (
        State.UNCONFIRMED,
        SubmissionOutcome.UNKNOWN,
    )


def test_an_order_not_listed_until_the_retention_is_over_was_not_received(vendor, job):
    Submission.objects.update(**long_out())
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.FAILED,
        SubmissionOutcome.NOT_RECEIVED,
        ("voided", "0.00"),
    )


def test_an_order_not_searched_for_in_time_is_not_called_not_received(vendor, job):
    Submission.objects.update(**long_out(looked_after=None))
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.FAILED,
        SubmissionOutcome.UNKNOWN,
        ("held", "0.15"),
    )
    assert "It was not searched for" in job.reason


def test_an_order_without_an_image_address_is_not_called_not_received(vendor, job):
    Submission.objects.update(**long_out(), image_url="")
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.FAILED,
        SubmissionOutcome.UNKNOWN,
        ("held", "0.15"),
    )


def test_an_order_is_not_called_lost_while_no_search_is_possible(vendor, job):
    Submission.objects.update(**long_out())
    vendor.trouble = TryLater("Closed.")
    job = reconcile_job(job)
    assert (job.state, job.account.lane.failure_count, cost(job)) == (
        State.UNCONFIRMED,
        1,
        ("held", "0.15"),
    )
    assert job.submissions.get().search_at > timezone.now()


def test_a_webhook_about_an_order_not_received_starts_another_search(vendor, job):
    Submission.objects.update(**long_out())
    job, submission = reconcile_job(job), job.submissions.get()
    services.note_hint(Submission.objects.get(), WebhookHint(vendor_job_id="found-1"))
    show_in_list(vendor, submission)
    job = reconcile_job(job)
    assert (job.state, job.is_late, job.vendor_job_id) == (State.AT_VENDOR, True, "found-1")


@pytest.mark.parametrize("after", [timedelta(seconds=2), RETENTION], ids=["too early", "too late"])
def test_a_search_before_the_vendor_must_list_it_proves_nothing(vendor, job, after):
    reconcile_job(job)
    assert job.submissions.get().search_count == 1
    Submission.objects.update(**long_out(looked_after=after))
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.FAILED,
        SubmissionOutcome.UNKNOWN,
        ("held", "0.15"),
    )
    assert "It was not searched for" in job.reason


def test_a_search_that_broke_off_is_not_counted(vendor, job):
    async def find_orders(_sought):
        yield {}

    vendor.find_orders = find_orders
    Submission.objects.update(sent_at=timezone.now() - RETENTION / 2)
    job, submission = reconcile_job(job), job.submissions.get()
    assert (submission.search_count, submission.searched_at) == (0, None)
    assert submission.search_at > timezone.now() + timedelta(minutes=9)
    del vendor.find_orders  # it is as it was
    Submission.objects.update(sent_at=timezone.now() - RETENTION)
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.FAILED,
        SubmissionOutcome.UNKNOWN,
        ("held", "0.15"),
    )


def test_orders_found_before_the_timeout_are_kept(vendor, job_in, monkeypatch):
    monkeypatch.setattr(reconciling, "SEARCH_SECONDS", 0.05)
    found, missing, cut_off = (job_in(State.UNCONFIRMED) for _ in range(3))
    there, not_there = found.submissions.get(), missing.submissions.get()

    async def find_orders(_sought):
        yield {there.reference: report_of(there), not_there.reference: None}
        await asyncio.Event().wait()

    vendor.find_orders = find_orders
    reconcile_job(found)
    assert [fresh(one).state for one in (found, missing)] == [State.AT_VENDOR, State.UNCONFIRMED]
    assert [one.submissions.get().search_count for one in (missing, cut_off)] == [1, 0]
    assert fresh(found).account.lane.failure_count == 0


def test_orders_found_before_the_vendor_failed_are_kept(vendor, job_in):
    found, cut_off = job_in(State.UNCONFIRMED), job_in(State.UNCONFIRMED)
    submission = found.submissions.get()

    async def find_orders(_sought):
        yield {submission.reference: report_of(submission)}
        raise TryLater("Closed.")

    vendor.find_orders = find_orders
    reconcile_job(found)
    assert [fresh(one).state for one in (found, cut_off)] == [State.AT_VENDOR, State.UNCONFIRMED]
    assert (cut_off.submissions.get().search_count, fresh(found).account.lane.failure_count) == (
        0,
        1,
    )


def test_an_order_in_a_crowded_hour_is_found(monkeypatch, job):
    submission = job.submissions.get()
    job_list = JobList()
    for number in range(6000):  # four a second, within the vendor's limits for one key
        job_list.add(f"job-{number}", submission.sent_at + timedelta(seconds=number / 4))
    job_list.jobs[10]["input"] = {"image": submission.image_url}
    vendor = wavespeed(job_list.respond).vendor
    entry = replace(registry.VENDORS["wavespeed"], client=lambda **_: vendor)
    monkeypatch.setitem(registry.VENDORS, "wavespeed", entry)
    assert reconcile_job(job).vendor_job_id == "job-10"


def test_a_listed_order_that_cannot_be_adopted_is_not_called_missing(vendor, job_in):
    other, job = job_in(State.AT_VENDOR), job_in(State.UNCONFIRMED)
    vendor.told = {"x": [report_of(job.submissions.get(), other.vendor_job_id)]}
    Submission.objects.filter(job=job).update(**long_out())
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.UNCONFIRMED,
        SubmissionOutcome.UNKNOWN,
        ("held", "0.15"),
    )


@pytest.mark.parametrize(
    "trouble", [TryLater("Out of order."), Refused("Not now."), VendorError("What?")]
)
def test_an_order_named_by_a_webhook_is_searched_for_without_an_answer(vendor, job, trouble):
    services.note_hint(job.submissions.get(), WebhookHint(vendor_job_id="taken-1"))
    Submission.objects.update(**long_out())

    async def report(_vendor_job_id):
        raise trouble

    vendor.report = report
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().search_count, cost(job)) == (
        State.UNCONFIRMED,
        0,
        ("held", "0.15"),
    )


def test_an_order_named_by_a_webhook_is_never_called_not_received(vendor, job):
    services.note_hint(job.submissions.get(), WebhookHint(vendor_job_id="taken-1"))
    Submission.objects.update(**long_out())
    vendor.unknown = JobNotFound("Forgotten.")
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().outcome, cost(job)) == (
        State.FAILED,
        SubmissionOutcome.UNKNOWN,
        ("held", "0.15"),
    )
    assert "sent a webhook about it" in job.reason


def test_a_report_that_never_comes_keeps_no_other_order_from_being_found(
    vendor, job_in, monkeypatch
):
    monkeypatch.setattr(reconciling, "HINTS_SECONDS", 0.05)
    named, fine = job_in(State.UNCONFIRMED), job_in(State.UNCONFIRMED)
    services.note_hint(named.submissions.get(), WebhookHint(vendor_job_id="named-1"))
    show_in_list(vendor, fine.submissions.get())

    async def report(_vendor_job_id):
        await asyncio.Event().wait()

    vendor.report = report
    reconcile_job(fine)
    assert (fresh(named).state, fresh(fine).state) == (State.UNCONFIRMED, State.AT_VENDOR)
    assert named.submissions.get().search_count == 0


def test_an_order_named_by_a_webhook_during_the_last_search_is_not_given_up(vendor, job):
    Submission.objects.update(**long_out())
    submission = job.submissions.get()

    async def find_orders(_sought):
        await sync_to_async(services.note_hint)(submission, WebhookHint(vendor_job_id="found-1"))
        yield {submission.reference: None}

    vendor.find_orders = find_orders
    assert reconcile_job(job).state == State.UNCONFIRMED
    submission.refresh_from_db()
    assert (submission.outcome, submission.search_at <= timezone.now()) == (
        SubmissionOutcome.UNKNOWN,
        True,
    )


def test_a_search_without_an_answer_for_weeks_is_left_to_a_person(vendor, job):
    Submission.objects.update(sent_at=timezone.now() - PATIENCE_FACTOR * RETENTION)
    vendor.trouble = TryLater("Closed.")
    job, submission = reconcile_job(job), job.submissions.get()
    assert (job.state, submission.outcome, submission.search_at) == (
        State.FAILED,
        SubmissionOutcome.UNKNOWN,
        None,
    )
    assert cost(job) == ("held", "0.15")


@pytest.mark.parametrize(
    "was_charged", [None, True, False], ids=["not settled", "charged", "not charged"]
)
def test_a_webhook_starts_the_search_of_an_order_without_a_list(
    vendor, team, job_in, creator, was_charged
):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    Submission.objects.update(**long_out())
    job = reconcile_job(job)
    assert (job.state, job.submissions.get().search_at) == (State.FAILED, None)
    if was_charged is not None:
        services.settle(creator, job, was_charged=was_charged)
    submission = job.submissions.get()
    services.note_hint(submission, WebhookHint(vendor_job_id="taken-1"))
    vendor.told = {
        "taken-1": [report_of(submission, "taken-1", reference=submission.reference), done_report()]
    }
    job = reconcile_job(job)
    assert (job.state, job.is_late) == (State.AT_VENDOR, True)
    Job.objects.update(next_step_at=timezone.now())
    poll_due(fresh(job).account.lane)
    assert (fresh(job).state, cost(job)) == (State.SAVING, ("charged", "0.00"))
    assert money_spent(job) == "0.15"


def test_a_webhook_finds_the_second_submission_of_an_order_without_a_list(vendor, twice):
    first, second = twice.submissions.order_by("number")
    show_in_list(vendor, second)
    Submission.objects.filter(pk=first.pk).update(**long_out(looked_after=None))
    job = reconcile_job(twice)
    assert (job.vendor_job_id, Submission.objects.get(pk=first.pk).search_at) == ("found-2", None)
    services.note_hint(first, WebhookHint(vendor_job_id="found-1"))
    show_in_list(vendor, first, second)
    reconcile_job(job)
    twin = Job.objects.exclude(pk=job.pk).get()
    assert (twin.vendor_job_id, twin.is_late, cost(job), cost(twin)) == (
        "found-1",
        True,
        ("held", "0.15"),
        ("held", "0.15"),
    )


def test_a_closed_lane_is_not_asked(vendor, job):
    type(job.account.lane).objects.update(paused_until=timezone.now() + timedelta(minutes=1))
    assert reconcile_due(fresh(job).account.lane) == fresh(job).account.lane.paused_until
    assert job.submissions.get().search_count == 0


# --- a person has looked in the vendor's own list -------------------------------------


@pytest.fixture
def silent(vendor, team, job_in) -> Job:
    """An order at a vendor without a list, about which no webhook has come."""
    return job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))


def its_page(vendor, job: Job, **facts) -> None:
    told = {"progress": Progress.RUNNING, "vendor_status": "IN_PROGRESS", "vendor_job_id": "task-1"}
    vendor.told = {"task-1": [Report(**told | facts)]}


def test_an_order_is_found_by_the_id_that_a_person_enters(vendor, silent, creator):
    its_page(vendor, silent, reference=silent.submissions.get().reference)
    services.name_at_vendor(creator, silent.submissions.get(), "task-1")
    job = reconcile_job(silent)
    assert (job.state, job.vendor_job_id) == (State.AT_VENDOR, "task-1")


def test_an_order_no_longer_searched_for_is_found_by_the_id_that_a_person_enters(
    vendor, silent, creator
):
    Submission.objects.update(**long_out(), search_at=timezone.now())
    assert reconcile_job(silent).state == State.FAILED
    its_page(vendor, silent, reference=silent.submissions.get().reference)
    services.name_at_vendor(creator, silent.submissions.get(), "task-1")
    job = reconcile_job(silent)
    assert (job.state, job.is_late, cost(job)) == (State.AT_VENDOR, True, ("held", "0.15"))


def test_the_id_of_another_order_is_not_adopted(vendor, silent, creator):
    its_page(vendor, silent, reference="c" * 32)
    services.name_at_vendor(creator, silent.submissions.get(), "task-1")
    assert reconcile_job(silent).state == State.UNCONFIRMED

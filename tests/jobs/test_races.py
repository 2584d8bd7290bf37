"""Several processes at the same moment: what may happen once happens once."""

from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from functools import partial
from itertools import count
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from apps.activity.models import Event
from apps.budgets.models import LedgerEntry
from apps.budgets.services import OverBudget, charge, charge_all, set_budget
from apps.budgets.states import Kind, Period
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Chain, Job, Lane, Output, Submission, VendorRequest
from apps.jobs.models.submissions import sign_reference
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.services.webhooks import WebhookRequest, receive_webhooks
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers import outcomes, saving, submitting
from apps.jobs.workers.polled_job import PolledJob
from apps.jobs.workers.reports import apply_reports
from apps.teams.models import Member
from apps.teams.scoping import within
from apps.vendors.errors import Unsure
from apps.vendors.types import Receipt
from tests.support.factories import a_clip, a_film, an_account, an_output
from tests.support.vendor import RUNNING, done_report

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="an in-memory database belongs to one thread"
    ),
]


@pytest.fixture
def at_once(team):
    """Run actions at the same moment, each on a connection of its own."""

    def run(*deeds: Callable[[], object]) -> list[object]:
        barrier = Barrier(len(deeds))

        def do(deed: Callable[[], object]) -> object:
            try:
                with within(team):
                    barrier.wait(10)
                    return deed()
            except DomainError as fault:
                return fault
            finally:
                connection.close()

        with ThreadPoolExecutor(len(deeds)) as pool:
            return list(pool.map(do, deeds))

    return run


@pytest.fixture
def counting(vendor):
    """Let the vendor count its orders across threads."""
    numbers = count(1)

    async def submit(order):
        vendor.orders.append(order)
        return Receipt(vendor_job_id=f"counted-{next(numbers)}")

    vendor.submit = submit
    return vendor


def lane_of(account) -> Lane:
    return Lane.objects.get(pk=account.lane_id)


def test_two_passes_on_one_lane_send_each_order_once(at_once, counting, job_in, account):
    jobs = [job_in(State.QUEUED) for _ in range(6)]
    for _ in range(3):
        at_once(*[lambda: submitting.submit_due(lane_of(account))] * 3)
    assert len(counting.orders) == len({order.reference for order in counting.orders}) == len(jobs)
    assert set(Job.objects.values_list("state", flat=True)) == {State.AT_VENDOR}
    assert Submission.objects.filter(outcome=SubmissionOutcome.ACCEPTED).count() == len(jobs)


def test_two_passes_on_one_lane_keep_its_cap(at_once, counting, job_in, account):
    Lane.objects.update(in_flight=2)
    for _ in range(6):
        job_in(State.QUEUED)
    at_once(*[lambda: submitting.submit_due(lane_of(account))] * 3)
    assert len(counting.orders) == 2


def test_a_lane_is_claimed_by_one_of_many(at_once, account):
    claims = at_once(*[lambda: lane_of(account).claim("submitting_until", 30)] * 6)
    assert claims.count(True) == 1


def test_due_outputs_are_dispatched_once_by_many_dispatchers(at_once, team, job_in):
    for _ in range(6):
        job = job_in(State.SAVING)
        outputs = [an_output(team, job, take=take) for take in range(1, 5)]
        given = at_once(*[Output.objects.claim_due] * 4)
        # what another held at that moment was left out, and comes next
        later = Output.objects.claim_due()
        assert sorted(sum(given, later)) == sorted(output.pk for output in outputs)


def test_a_bucket_is_shared_by_all_who_take_from_it(at_once, account):
    Lane.objects.update(orders_per_minute=60)
    granted = at_once(*[lambda: lane_of(account).take_tokens(4)] * 6)
    assert 10 <= sum(granted) <= 11


def test_two_clips_that_arrive_together_make_their_job_saved_once(
    at_once, team, job_in, image, account
):
    address = "data:video/mp4;base64," + b64encode(a_film()).decode()
    chain = Chain.objects.create(team=team, project=image.project)
    for _ in range(4):
        job = job_in(State.SAVING, chain=chain)
        after = job_in(State.PLANNED, chain=chain, extends=job, part=1)
        for take in (1, 2):
            an_output(team, job, take=take, vendor_url=address)
        outputs = list(job.outputs.select_related("job__account", "job__chain"))
        at_once(*[partial(saving.save, output) for output in outputs])
        job.refresh_from_db()
        after.refresh_from_db()
        assert (job.state, after.state) == (State.SAVED, State.QUEUED)
        assert Event.objects.filter(subject_id=job.public_id, facts__to="saved").count() == 1


def test_two_orders_never_spend_the_same_rest_of_a_budget(at_once, creator, owner, image, account):
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("0.40"))

    def order() -> Job:
        request = services.OrderRequest(
            idempotency_key=uuid4(),
            image=image,
            account=account,
            text="Pan",
            parameters={},
        )
        return services.order(creator, request)

    answers = at_once(*[order] * 5)
    assert sum(isinstance(one, OverBudget) for one in answers) == 3
    assert LedgerEntry.objects.filter(kind=Kind.HOLD).count() == Job.objects.count() == 2


@pytest.fixture
def _room_for_two(owner):
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("0.40"))


@pytest.mark.usefixtures("_room_for_two")
def test_two_batches_never_spend_the_same_rest_of_a_budget(
    at_once, creator, producer, image, account
):
    def order_two(member: Member) -> list[Job]:
        requests = [
            services.OrderRequest(idempotency_key=uuid4(), image=image, account=account, text=text)
            for text in ("Pan", "Zoom")
        ]
        return services.order_many(member, requests)

    answers = at_once(partial(order_two, creator), partial(order_two, producer))
    assert sorted(isinstance(one, OverBudget) for one in answers) == [False, True]
    assert LedgerEntry.objects.filter(kind=Kind.HOLD).count() == Job.objects.count() == 2


def test_a_doubled_click_orders_once(at_once, creator, image, account):
    idempotency_key = uuid4()

    def order() -> int:
        request = services.OrderRequest(
            idempotency_key=idempotency_key,
            image=image,
            account=account,
            text="Pan",
            parameters={},
        )
        return services.order(creator, request).pk

    assert len(set(at_once(*[order] * 4))) == 1
    assert LedgerEntry.objects.count() == 1


def test_a_doubled_click_on_send_again_sends_again_once(at_once, creator, job_in):
    job = job_in(State.UNCONFIRMED)
    windows = [Job.objects.get(pk=job.pk) for _ in range(4)]
    at_once(*[lambda one=one: services.send_again(creator, one) for one in windows])
    job.refresh_from_db()
    assert (job.state, job.submission_number) == (State.QUEUED, 2)
    assert LedgerEntry.objects.filter(kind=Kind.HOLD).count() == 2


def test_the_answer_the_list_and_the_timeout_at_the_same_moment_are_one_job(
    at_once, creator, job_in
):
    for number in range(6):
        job = job_in(State.SUBMITTING, submitted_at=timezone.now() - submitting.UNCONFIRMED_AFTER)
        submission = job.submissions.get()
        found = partial(
            outcomes.record_accepted,
            submission,
            f"v-{number}",
            vendor_status="",
            accepted_at=timezone.now(),
        )
        at_once(
            found,
            found,
            lambda j=job: submitting.mark_unconfirmed(Job.objects.get(pk=j.pk)),
            lambda j=job: services.give_up(creator, Job.objects.get(pk=j.pk)),
        )
        job.refresh_from_db()
        assert (job.state, job.vendor_job_id) == (State.AT_VENDOR, f"v-{number}")
    assert Job.objects.count() == 6


def test_a_report_applied_by_two_is_charged_once_and_makes_its_clips_once(
    at_once, job_in, account, creator
):
    jobs = [job_in(State.AT_VENDOR) for _ in range(8)]
    reports = {job.vendor_job_id: done_report() for job in jobs}
    backwards = dict(reversed(reports.items()))
    at_once(
        lambda: apply_reports(lane_of(account), reports, PollSchedule(lane_of(account))),
        lambda: apply_reports(lane_of(account), backwards, PollSchedule(lane_of(account))),
        *[lambda job=job: _cancel(creator, job) for job in jobs[:2]],
    )
    assert (
        LedgerEntry.objects.filter(kind=Kind.CHARGE).count() == Output.objects.count() == len(jobs)
    )
    assert set(Job.objects.values_list("state", flat=True)) == {State.SAVING}


def _cancel(member: Member, job: Job) -> None:
    with suppress(DomainError):
        services.cancel(member, Job.objects.get(pk=job.pk))


def test_two_people_who_cancel_at_the_same_moment_make_one_request(at_once, job_in, creator, owner):
    job = job_in(State.AT_VENDOR)
    at_once(lambda: _cancel(creator, job), lambda: _cancel(owner, job))
    assert VendorRequest.objects.get().is_unanswered
    assert Event.objects.filter(subject_id=job.public_id, verb="asked_to_stop").count() == 1


def test_a_request_to_a_vendor_is_given_to_one_worker(at_once, job_in, creator):
    for _ in range(6):
        _cancel(creator, job_in(State.AT_VENDOR))
    VendorRequest.objects.update(next_try_at=timezone.now())
    claim = VendorRequest.objects.claim_due
    claimed = [request.pk for requests in at_once(*[claim] * 4) for request in requests]
    assert sorted(claimed) == sorted(VendorRequest.objects.values_list("pk", flat=True))


def test_single_and_bulk_charges_of_the_same_jobs_charge_once(at_once, job_in):
    jobs = [job_in(State.AT_VENDOR) for _ in range(5)]
    keys = [(job.public_id, 1) for job in jobs]
    at_once(
        lambda: charge_all(keys),
        lambda: charge_all(reversed(keys)),
        *[lambda job=job: charge(job.public_id, 1) for job in jobs],
    )
    assert LedgerEntry.objects.filter(kind=Kind.CHARGE).count() == len(jobs)


@pytest.mark.parametrize("in_doubt", [False, True], ids=["taken", "answer lost"])
def test_the_outcome_of_an_order_survives_a_restart_of_the_database(
    vendor, job_in, account, in_doubt
):
    job = job_in(State.QUEUED)

    def restart() -> None:
        with suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    vendor.meanwhile, vendor.trouble = restart, Unsure("Hello?") if in_doubt else None
    submitting.submit_due(lane_of(account))
    job.refresh_from_db()
    expected = (State.UNCONFIRMED, "") if in_doubt else (State.AT_VENDOR, "memory-1")
    assert (job.state, job.vendor_job_id) == expected


def test_webhooks_and_reports_about_the_same_jobs_do_not_deadlock(at_once, team, job_in, caplog):
    account = an_account(team, kind="comet")
    for _turn in range(8):
        jobs = [job_in(State.AT_VENDOR, account=account) for _ in range(40)]
        calls = [
            WebhookRequest(
                "comet",
                sign_reference(job.submissions.get().reference),
                {},
                _word_of(job.vendor_job_id),
            )
            for job in jobs
        ]
        reports = {job.vendor_job_id: (done_report() if job.pk % 2 else RUNNING) for job in jobs}
        rows = Job.objects.filter(pk__in=[job.pk for job in jobs]).values(*PolledJob.COLUMNS)
        watched = {one.vendor_job_id: one for one in map(PolledJob.of, rows)}
        lane = Lane.objects.get(pk=account.lane_id)
        heard, _ = at_once(
            partial(receive_webhooks, calls),
            partial(apply_reports, lane, reports, PollSchedule(lane), watched),
        )
        assert heard == [204] * 40
    assert "reports_not_applied" not in caplog.text


def _word_of(vendor_job_id: str) -> bytes:
    return f'{{"id": "{vendor_job_id}", "status": "SUCCESS"}}'.encode()


def test_an_order_and_a_resubmission_of_the_same_job_do_not_deadlock(
    at_once, creator, job_in, image, account
):
    for _turn in range(6):
        job = job_in(State.UNCONFIRMED, account=account)
        request = services.OrderRequest(
            idempotency_key=uuid4(),
            image=image,
            account=account,
            text="Pan",
            parameters={},
            rerun_of=job,
            last_order_seen=job.pk,
        )
        order = partial(services.order, creator, request)
        ordered, _ = at_once(order, partial(services.send_again, creator, job))
        assert isinstance(ordered, Job)
        assert Job.objects.get(pk=job.pk).submission_number == 2


def test_giving_up_a_clip_and_its_download_do_not_deadlock(at_once, creator, job_in, team):
    address = "data:video/mp4;base64," + b64encode(a_film()).decode()
    for _turn in range(6):
        job = job_in(State.SAVING)
        a_clip(team, job, take=1)
        for take in (2, 3):
            an_output(team, job, take=take, fault="Not yet.", vendor_url=address)
        last = job.outputs.select_related("job__account", "job__chain").get(take=3)
        at_once(partial(saving.save, last), partial(services.stop_downloading, creator, job))
        job.refresh_from_db()
        assert job.state == State.SAVED

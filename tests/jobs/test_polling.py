from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.budgets.services import cost_of
from apps.clips.states import Nsfw
from apps.jobs.models import Job, Lane, VendorAccount
from apps.jobs.models.accounts import TRUSTED
from apps.jobs.models.vendor_side import RETENTION
from apps.jobs.poll_schedule import (
    HISTORY_JOBS,
    LONGEST_PAUSE,
    SHORTEST_PAUSE,
    Durations,
    PollSchedule,
    durations_of,
    pause_before_poll,
    retry_pause,
)
from apps.jobs.states import State
from apps.jobs.workers import polling
from apps.jobs.workers.poll_failures import NOT_FOUND_POLLS
from apps.jobs.workers.polling import poll_after_webhooks, poll_due
from apps.jobs.workers.reports import apply_reports
from apps.vendors.errors import JobNotFound, Refused, TryLater
from apps.vendors.types import Output, Progress, Report
from tests.support.factories import an_account
from tests.support.vendor import RUNNING, done_report

pytestmark = pytest.mark.django_db
DONE = Report(
    progress=Progress.DONE,
    vendor_status="completed",
    outputs=(Output(url="https://v.test/0.mp4", nsfw=False), Output(url="https://v.test/1.mp4")),
    inference_ms=41873,
)


def poll_job(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(next_step_at=timezone.now())
    job.account.lane.refresh_from_db()
    poll_due(job.account.lane)
    return Job.objects.select_related("account__lane").get(pk=job.pk)


def test_a_finished_job_is_charged_and_has_its_outputs_to_download(vendor, job_in):
    vendor.reports_ = [DONE]
    job = poll_job(job_in(State.AT_VENDOR))
    assert (job.state, job.inference_ms) == (State.SAVING, 41873)
    outputs = list(job.outputs.order_by("take"))
    assert [output.nsfw for output in outputs] == [Nsfw.CLEAR, Nsfw.UNKNOWN]
    assert [output.take for output in outputs] == [1, 2]
    assert cost_of([job.public_id])[job.public_id].state == "charged"


def test_reports_that_come_together_are_written_together(vendor, job_in, monkeypatch):
    vendor.has_list, vendor.reports_ = False, [DONE]
    jobs, written = [job_in(State.AT_VENDOR) for _ in range(12)], []

    def count_reports(lane, reports, *others):
        written.append(len(reports))
        apply_reports(lane, reports, *others)

    monkeypatch.setattr(polling, "apply_reports", count_reports)
    poll_job(jobs[0])
    assert sum(written) == len(jobs) > len(written)
    assert set(Job.objects.values_list("state", flat=True)) == {State.SAVING}


def test_two_polls_of_a_finished_job_make_its_clips_once(vendor, job_in):
    vendor.reports_ = [DONE]
    job = job_in(State.AT_VENDOR)
    poll_job(job)
    poll_job(job)
    assert job.outputs.count() == 2


@pytest.mark.parametrize(
    ("progress", "state", "cost"),
    [
        (Progress.FAILED, State.FAILED, "expected_refund"),
        (Progress.MODERATED, State.MODERATED, "expected_refund"),
        (Progress.CANCELLED, State.CANCELLED, "expected_refund"),
        (Progress.WAITING, State.AT_VENDOR, "held"),
        (Progress.RUNNING, State.AT_VENDOR, "held"),
        (Progress.UNKNOWN, State.AT_VENDOR, "held"),
    ],
)
def test_the_vendors_report_decides_the_state_and_the_cost(vendor, job_in, progress, state, cost):
    vendor.reports_ = [Report(progress=progress, vendor_status="their word")]
    job = poll_job(job_in(State.AT_VENDOR))
    assert (job.state, job.vendor_status) == (state, "their word")
    assert cost_of([job.public_id])[job.public_id].state == cost


def test_a_vendor_that_never_charges_failures_frees_the_hold(vendor, team, job_in):
    vendor.reports_ = [Report(progress=Progress.FAILED, vendor_status="FAILURE")]
    job = poll_job(job_in(State.AT_VENDOR, account=an_account(team, kind="comet")))
    assert cost_of([job.public_id])[job.public_id].state == "voided"


@pytest.mark.parametrize("trouble", [TryLater("Out of order."), Refused("This key was revoked.")])
def test_a_failed_poll_never_fails_a_job_that_may_be_paid(vendor, job_in, trouble):
    vendor.trouble = trouble
    job = poll_job(job_in(State.AT_VENDOR, accepted_at=timezone.now() - timedelta(hours=5)))
    assert (job.state, job.reason) == (State.AT_VENDOR, str(trouble))
    assert job.next_step_at > timezone.now()


def test_a_job_the_vendor_does_not_know_gets_a_moment_of_grace(vendor, job_in):
    vendor.trouble = JobNotFound("Never heard of it.")
    young, old = job_in(State.AT_VENDOR), job_in(State.AT_VENDOR)
    for _ in range(NOT_FOUND_POLLS):
        Job.objects.filter(pk=young.pk).update(accepted_at=timezone.now())
        Job.objects.filter(pk=old.pk).update(accepted_at=timezone.now() - timedelta(minutes=2))
        young, old = poll_job(young), poll_job(old)
    assert (young.state, old.state) == (State.AT_VENDOR, State.FAILED)


def test_a_job_that_its_vendor_loses_for_a_moment_loses_no_clip(vendor, job_in):
    job = job_in(State.AT_VENDOR, accepted_at=timezone.now() - timedelta(minutes=2))
    for _ in range(3):
        vendor.troubles, vendor.reports_ = (
            [JobNotFound("Never heard of it.")] * (NOT_FOUND_POLLS - 1),
            [RUNNING],
        )
        for _ in range(NOT_FOUND_POLLS):
            job = poll_job(job)
    vendor.reports_ = [DONE]
    job = poll_job(job)
    assert (job.state, job.outputs.count()) == (State.SAVING, 2)


def test_a_job_its_vendor_does_not_know_is_given_minutes_to_be_remembered(vendor, job_in):
    vendor.trouble, rests = JobNotFound("Never heard of it."), timedelta()
    job = job_in(State.AT_VENDOR, accepted_at=timezone.now() - timedelta(minutes=2))
    while job.state == State.AT_VENDOR:
        job = poll_job(job)
        rests += job.next_step_at - timezone.now() if job.state == State.AT_VENDOR else timedelta()
    assert rests > timedelta(minutes=3)


def test_a_lost_job_that_its_vendor_finds_again_is_downloaded(vendor, job_in):
    vendor.trouble = JobNotFound("Never heard of it.")
    job = job_in(State.AT_VENDOR, accepted_at=timezone.now() - timedelta(minutes=2))
    for _ in range(NOT_FOUND_POLLS):
        job = poll_job(job)
    assert (job.state, job.is_late) == (State.FAILED, False)
    assert timedelta(minutes=1) < job.next_step_at - timezone.now() < timedelta(minutes=3)
    vendor.trouble, vendor.reports_ = None, [DONE]
    job = poll_job(job)
    assert (job.state, job.is_late, job.outputs.count()) == (State.SAVING, True, 2)


def test_a_machine_that_slept_within_a_pass_polls_again_soon(vendor, job_in, monkeypatch):
    job = job_in(State.AT_VENDOR, next_step_at=timezone.now())
    slept, now = [timedelta()], timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + slept[0])

    async def report(_vendor_job_id):
        slept[0] = timedelta(hours=8)
        return RUNNING

    vendor.report = report
    again = poll_due(job.account.lane)
    assert again < timezone.now() + timedelta(minutes=2)


def test_advice_follows_the_vendors_reason_and_is_not_in_its_words(vendor, job_in):
    vendor.reports_ = [
        Report(
            progress=Progress.FAILED,
            vendor_status="failed",
            reason="Task failed.",
            advice="Try again.",
        )
    ]
    job = poll_job(job_in(State.AT_VENDOR))
    assert (job.reason, job.vendor_message) == ("Task failed. Try again.", "Task failed.")


def test_a_lost_job_counts_as_charged(vendor, job_in):
    vendor.trouble = JobNotFound("Never heard of it.")
    job = job_in(State.AT_VENDOR, accepted_at=timezone.now() - timedelta(minutes=2))
    for _ in range(NOT_FOUND_POLLS):
        job = poll_job(job)
    assert cost_of([job.public_id])[job.public_id].state == "charged"


@pytest.mark.parametrize(
    ("trouble", "ages", "state"),
    [
        (Refused("Not today."), 1, State.FAILED),
        # out of reach: nobody said that it is gone
        (TryLater("Out of order."), 1, State.AT_VENDOR),
        (TryLater("Out of order."), 4, State.FAILED),
    ],
    ids=["refused", "out of reach", "out of reach for ever"],
)
def test_after_a_week_without_a_worker_a_job_is_still_polled_more_than_once(
    vendor, job_in, trouble, ages, state
):
    vendor.trouble = trouble
    job = job_in(
        State.AT_VENDOR, accepted_at=timezone.now() - RETENTION * ages - timedelta(minutes=1)
    )
    for _ in range(NOT_FOUND_POLLS):
        assert job.state == State.AT_VENDOR
        type(job.account.lane).objects.update(paused_until=None)
        job = poll_job(job)
    assert job.state == state


def test_a_job_called_done_without_a_clip_is_polled_again(vendor, job_in):
    vendor.reports_ = [Report(progress=Progress.DONE, vendor_status="completed")]
    assert poll_job(job_in(State.AT_VENDOR)).state == State.AT_VENDOR


@pytest.mark.parametrize(
    "answer",
    [Refused("This key was revoked."), TryLater("Busy."), None],
    ids=["refused", "busy", "done without a clip"],
)
def test_a_webhook_causes_one_poll_whatever_the_vendor_answers(vendor, job_in, answer):
    job = job_in(
        State.AT_VENDOR,
        webhook_at=timezone.now(),
        next_step_at=timezone.now() + timedelta(minutes=5),
    )
    vendor.trouble, vendor.reports_ = (
        answer,
        [Report(progress=Progress.DONE, vendor_status="completed")],
    )
    poll_after_webhooks(job.account.lane)
    assert vendor.asked == [[job.vendor_job_id]]
    assert not Job.objects.with_pending_webhook().exists()
    assert Job.objects.get().next_step_at > timezone.now()


def test_a_webhook_that_comes_during_a_poll_causes_another(vendor, job_in):
    facts = {"webhook_at": timezone.now(), "next_step_at": timezone.now() + timedelta(minutes=5)}
    asked, other = job_in(State.AT_VENDOR, **facts), job_in(State.AT_VENDOR)

    async def report(_vendor_job_id):
        await Job.objects.filter(pk=other.pk).aupdate(webhook_at=timezone.now())
        raise Refused("Not now.")

    vendor.report = report
    poll_after_webhooks(asked.account.lane)
    assert list(Job.objects.with_pending_webhook()) == [other]


@pytest.mark.parametrize("look", [poll_due, poll_after_webhooks])
def test_a_webhook_that_overtakes_an_answer_outlives_it(vendor, job_in, look):
    now = timezone.now()
    job = job_in(
        State.AT_VENDOR, webhook_at=now if look is poll_after_webhooks else None, next_step_at=now
    )

    async def report(vendor_job_id):
        await Job.objects.filter(pk=job.pk).aupdate(webhook_at=timezone.now())
        return replace(RUNNING, vendor_job_id=vendor_job_id)

    vendor.report = report
    look(job.account.lane)
    assert list(Job.objects.with_pending_webhook()) == [job]


def test_a_report_that_cannot_be_saved_is_not_polled_again_at_once(vendor, job_in):
    vendor.reports_ = [done_report(inference_ms=2**70)]
    job = poll_job(job_in(State.AT_VENDOR))
    assert job.state == State.AT_VENDOR
    assert job.poll_failures == 1
    assert job.next_step_at > timezone.now()


def test_many_jobs_are_polled_in_one_request(vendor, job_in):
    jobs = [job_in(State.AT_VENDOR) for _ in range(7)]
    poll_job(jobs[0])
    assert [sorted(asked) for asked in vendor.asked] == [sorted(job.vendor_job_id for job in jobs)]


def test_jobs_that_the_list_leaves_out_are_polled_one_by_one(vendor, job_in):
    vendor.has_list, vendor.reports_ = False, [DONE]
    jobs = [job_in(State.AT_VENDOR) for _ in range(3)]
    poll_job(jobs[0])
    assert set(Job.objects.values_list("state", flat=True)) == {State.SAVING}


def test_a_finished_job_whose_clips_the_list_leaves_out_is_polled_by_itself(vendor, job_in):
    bare, other = job_in(State.AT_VENDOR), job_in(State.AT_VENDOR)
    vendor.told = {
        bare.vendor_job_id: [Report(progress=Progress.DONE, vendor_status="completed"), DONE],
        other.vendor_job_id: [RUNNING],
    }
    assert poll_job(bare).state == State.SAVING


def test_one_report_that_cannot_be_saved_does_not_hold_up_the_others(vendor, job_in):
    good, bad = job_in(State.AT_VENDOR), job_in(State.AT_VENDOR)
    vendor.told = {bad.vendor_job_id: [done_report(inference_ms=2**70)], good.vendor_job_id: [DONE]}
    assert poll_job(good).state == State.SAVING


def test_a_vendor_out_of_order_is_paused_after_five_passes_and_recovers(vendor, job_in):
    job, lane = job_in(State.AT_VENDOR), None
    vendor.trouble = TryLater("Out of order.")
    for _ in range(5):
        lane = poll_job(job).account.lane
    assert lane.is_circuit_open
    assert lane.is_paused
    asked = len(vendor.asked)
    poll_job(job)
    assert len(vendor.asked) == asked
    type(lane).objects.update(paused_until=timezone.now())
    vendor.trouble, vendor.reports_ = None, [DONE]
    job = poll_job(job)
    assert (job.state, job.account.lane.failure_count) == (State.SAVING, 0)


def test_a_job_that_failed_and_is_finished_after_all_comes_late(vendor, job_in):
    vendor.reports_ = [Report(progress=Progress.FAILED, vendor_status="timeout")]
    late, other = poll_job(job_in(State.AT_VENDOR)), job_in(State.AT_VENDOR)
    assert late.state == State.FAILED
    vendor.told = {other.vendor_job_id: [DONE], late.vendor_job_id: [DONE]}
    type(late).objects.filter(pk=late.pk).update(next_step_at=None)
    apply_reports(late.account.lane, {late.vendor_job_id: DONE}, PollSchedule(late.account.lane))
    late.refresh_from_db()
    assert (late.state, late.is_late) == (State.SAVING, True)


def test_an_ended_job_is_polled_a_few_times_more_and_not_for_ever(vendor, job_in):
    vendor.reports_ = [Report(progress=Progress.FAILED, vendor_status="failed")]
    job = poll_job(job_in(State.AT_VENDOR))
    looks = 0
    while job.next_step_at:
        looks += 1
        job = poll_job(job)
    assert (job.state, looks) == (State.FAILED, 4)


def test_a_job_finished_at_a_later_poll_arrives_late_and_is_charged(vendor, team, job_in):
    vendor.reports_ = [Report(progress=Progress.FAILED, vendor_status="FAILURE"), DONE]
    job = poll_job(job_in(State.AT_VENDOR, account=an_account(team, kind="comet")))
    assert cost_of([job.public_id])[job.public_id].state == "voided"
    job = poll_job(job)
    assert (job.state, job.is_late) == (State.SAVING, True)
    assert cost_of([job.public_id])[job.public_id].spent == job.price


def test_durations_are_learned_from_three_jobs_on(job_in):
    now = timezone.now()
    for took in (10, 20):
        job = job_in(State.SAVED, accepted_at=now - timedelta(seconds=took), done_at=now)
    assert durations_of(job.account_id, job.price_values) is None
    job_in(State.SAVED, accepted_at=now - timedelta(seconds=60), done_at=now)
    assert durations_of(job.account_id, job.price_values).median == 20


def test_jobs_found_done_together_all_count_in_the_durations(job_in):
    now = timezone.now()
    job = job_in(State.SAVED, accepted_at=now - timedelta(seconds=60), done_at=now)
    lasted = [60] * HISTORY_JOBS + [20] * HISTORY_JOBS + [40] * HISTORY_JOBS
    ends = [now - timedelta(milliseconds=number) for number in range(len(lasted))]
    for number, (took, end) in enumerate(zip(lasted, ends, strict=True)):
        job.pk, job.public_id, job.idempotency_key, job.vendor_job_id = (
            None,
            uuid4(),
            uuid4(),
            f"v-many-{number}",
        )
        job.accepted_at, job.done_at = end - timedelta(seconds=took), end
        job.save(force_insert=True)
    pace = durations_of(job.account_id, job.price_values)
    assert (pace.p10, pace.median, pace.p90) == (20, 40, 60)


def test_old_durations_are_dropped_once_there_are_enough_recent_ones(job_in):
    now = timezone.now()
    job = job_in(State.SAVED, accepted_at=now - timedelta(seconds=30), done_at=now)
    for number in range(2 * HISTORY_JOBS):
        end = now if number < HISTORY_JOBS else now - timedelta(days=1)
        job.pk, job.public_id, job.idempotency_key, job.vendor_job_id = (
            None,
            uuid4(),
            uuid4(),
            f"v-{number}",
        )
        job.accepted_at, job.done_at = (
            end - timedelta(seconds=30 if number < HISTORY_JOBS else 300),
            end,
        )
        job.save(force_insert=True)
    assert durations_of(job.account_id, job.price_values).p90 == 30


PACES = st.none() | st.tuples(st.floats(0, 1e5), st.floats(1, 10)).map(
    lambda p: Durations(p[0] / p[1], p[0], p[0] * p[1])
)


@given(st.floats(0, 1e6), PACES, st.booleans())
def test_the_next_poll_is_never_at_once_and_never_beyond_the_longest_pause(
    elapsed, pace, has_webhooks
):
    pause = pause_before_poll(timedelta(seconds=elapsed), pace, has_webhooks=has_webhooks)
    assert SHORTEST_PAUSE <= pause <= LONGEST_PAUSE


def test_an_account_with_webhooks_is_polled_less_often():
    pace = Durations(p10=55, median=60, p90=65)
    called = [
        pause_before_poll(timedelta(seconds=so_far), pace, has_webhooks=True)
        for so_far in (0, 60, 600)
    ]
    assert called == [timedelta(seconds=27.5), timedelta(seconds=30), TRUSTED]


def test_without_known_durations_webhooks_change_no_poll():
    elapsed = timedelta(seconds=30)
    assert pause_before_poll(elapsed, None, has_webhooks=True) == pause_before_poll(elapsed, None)


def test_a_vendor_without_a_recent_webhook_is_polled_as_often_as_one_without_webhooks(
    vendor, job_in
):
    now = timezone.now()
    for _ in range(3):
        job_in(State.SAVED, accepted_at=now - timedelta(seconds=60), done_at=now)
    vendor.reports_ = [RUNNING]
    job = job_in(State.AT_VENDOR, accepted_at=now - timedelta(seconds=90))
    looks = []
    for webhook_at in (None, now - TRUSTED, now + timedelta(days=1), now):
        VendorAccount.objects.update(webhook_at=webhook_at)
        looks.append((poll_job(job).next_step_at - now).total_seconds())
    *others, just_now = looks  # never, long ago, before the clock was set back
    assert max(others) < 10 < just_now


def test_the_first_poll_comes_after_half_the_time_of_the_quickest_jobs():
    pace = Durations(p10=40, median=60, p90=90)
    assert pause_before_poll(timedelta(0), pace) == timedelta(seconds=20)
    assert pause_before_poll(timedelta(seconds=20), pace) == timedelta(seconds=5)
    assert pause_before_poll(timedelta(seconds=35), Durations(40, 40, 40)) == timedelta(seconds=1)
    assert pause_before_poll(timedelta(hours=2), pace) > timedelta(minutes=5)


@pytest.mark.parametrize(
    ("pace", "longest"),
    [(Durations(p10=55, median=60, p90=65), 1.5), (Durations(p10=100, median=300, p90=600), 5)],
    ids=["all alike", "some quick, some slow"],
)
def test_a_job_near_its_end_is_polled_as_closely_as_durations_vary(pace, longest):
    assert pause_before_poll(timedelta(seconds=pace.median), pace) == timedelta(seconds=longest)


def test_where_durations_vary_the_quickest_jobs_are_not_polled_too_late():
    assert pause_before_poll(
        timedelta(seconds=60), Durations(p10=114, median=330, p90=546)
    ) < timedelta(seconds=5)


def test_a_webhook_before_the_vendors_list_shows_the_job_is_followed_by_a_poll_soon(vendor, job_in):
    now = timezone.now()
    for _ in range(3):
        job_in(State.SAVED, accepted_at=now - timedelta(seconds=60), done_at=now)
    job = job_in(State.AT_VENDOR, accepted_at=now - timedelta(seconds=61), webhook_at=now)
    VendorAccount.objects.update(webhook_at=now)
    vendor.reports_ = [RUNNING]
    poll_after_webhooks(Lane.objects.get())
    job.refresh_from_db()
    assert job.webhook_at is None
    assert job.next_step_at - now < timedelta(seconds=5)


@given(st.integers(0, 10**6))
def test_pauses_after_failures_grow_up_to_a_limit(attempts):
    assert timedelta(0) < retry_pause(attempts) <= LONGEST_PAUSE
    assert retry_pause(attempts) < retry_pause(attempts + 1) * 1.01 or attempts > 8


def test_an_ended_job_without_an_answer_holds_up_no_other(vendor, job_in):
    ended = job_in(
        State.FAILED, vendor_job_id="v-ended", next_step_at=timezone.now() - timedelta(hours=1)
    )
    vendor.trouble = TryLater("Busy.")
    poll_due(ended.account.lane)
    ended.refresh_from_db()
    assert ended.next_step_at > timezone.now()
    assert ended.later_polls == 0, "its second looks are still to come"

"""Beside webhooks, polls are rare: no webhook is lost, and no trust outlives its reason."""

import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.jobs.models import Job, Lane, VendorAccount
from apps.jobs.models.submissions import reference_in, sign_reference
from apps.jobs.poll_schedule import Durations, PollSchedule, pause_before_poll
from apps.jobs.services.webhooks import WebhookRequest, receive_webhooks
from apps.jobs.states import State
from apps.jobs.workers import polling
from apps.jobs.workers.polling import poll_after_webhooks, poll_due
from apps.jobs.workers.reports import apply_reports
from apps.vendors.errors import Refused, TryLater
from tests.support.factories import an_account
from tests.support.vendor import RUNNING, done_report

pytestmark = pytest.mark.django_db
FAR, MINUTE = timedelta(minutes=5), timedelta(minutes=1)


@pytest.fixture
def comet(team):
    return an_account(team, kind="comet")


def send_webhook(job: Job, status: str = "SUCCESS") -> int:
    """Send a webhook about a job as CometAPI does, and return the status."""
    body = f'{{"id": "{job.vendor_job_id}", "status": "{status}"}}'.encode()
    (answer,) = receive_webhooks(
        [WebhookRequest("comet", sign_reference(job.submissions.get().reference), {}, body)]
    )
    return answer


def teach(job_in, account: VendorAccount, took: timedelta = MINUTE) -> None:
    now = timezone.now()
    for _ in range(3):
        job_in(State.SAVED, account=account, accepted_at=now - took, done_at=now)


def jobs_with_webhook(job_in, count: int, **facts) -> list[Job]:
    now = timezone.now()
    return [
        job_in(State.AT_VENDOR, webhook_at=now, next_step_at=now + FAR, **facts)
        for _ in range(count)
    ]


# --- no call gets lost ----------------------------------------------------------------


def test_a_webhook_noted_after_the_pass_began_is_polled_in_the_next_round(vendor, job_in):
    """The web process reads its clock, the pass begins, and only then the webhook is committed."""
    (asked,), other = (
        jobs_with_webhook(job_in, 1),
        job_in(State.AT_VENDOR, next_step_at=timezone.now() + FAR),
    )
    questions = []

    async def report(vendor_job_id):
        if not questions:
            await Job.objects.filter(pk=other.pk).aupdate(webhook_at=asked.webhook_at)
        questions.append(vendor_job_id)
        return done_report(vendor_job_id=vendor_job_id)

    vendor.report = report
    poll_after_webhooks(asked.account.lane)
    assert questions == [asked.vendor_job_id, other.vendor_job_id]


def test_a_failed_poll_clears_no_webhook_of_other_jobs(vendor, job_in):
    jobs = jobs_with_webhook(job_in, 30)
    vendor.has_list, vendor.reports_ = False, [done_report()]
    vendor.troubles = [Refused("no list"), TryLater("429", retry_after=1.0)]
    again = poll_after_webhooks(jobs[0].account.lane)
    unanswered = Job.objects.filter(state=State.AT_VENDOR)
    assert unanswered.filter(webhook_at=None).count() == 1
    assert again is not None
    assert timezone.now() < again < timezone.now() + timedelta(seconds=3)


def test_a_failed_list_clears_no_webhook(vendor, job_in):
    jobs = jobs_with_webhook(job_in, 3)
    vendor.troubles = [TryLater("503")]
    poll_after_webhooks(jobs[0].account.lane)
    assert Job.objects.with_pending_webhook().count() == 3


def test_webhooks_wait_no_longer_than_the_vendors_pause(vendor, job_in):
    (job,) = jobs_with_webhook(job_in, 1)
    Lane.objects.update(failure_count=8, failing_since=timezone.now(), paused_until=timezone.now())
    vendor.trouble = TryLater("503")
    again = poll_after_webhooks(Lane.objects.get(pk=job.account.lane_id))
    assert again == Lane.objects.get().paused_until


def test_after_a_pause_every_pending_webhook_is_polled(vendor, job_in):
    jobs_with_webhook(job_in, 30)
    Lane.objects.update(failure_count=5, failing_since=timezone.now(), paused_until=timezone.now())
    vendor.reports_ = [done_report()]
    poll_after_webhooks(Lane.objects.get())
    assert not Job.objects.filter(state=State.AT_VENDOR).exists()


def test_a_second_webhook_that_overtakes_the_first_poll_is_polled(vendor, comet, job_in):
    (job,) = jobs_with_webhook(job_in, 1, account=comet)

    async def report(vendor_job_id):
        assert await sync_to_async(send_webhook)(job) == 204
        return RUNNING

    vendor.report = report
    poll_after_webhooks(job.account.lane)
    assert list(Job.objects.with_pending_webhook()) == [job]


def test_a_webhook_from_a_clock_ahead_of_ours_is_polled_once(vendor, job_in):
    (job,) = jobs_with_webhook(job_in, 1)
    Job.objects.update(webhook_at=timezone.now() + FAR)
    vendor.trouble = Refused("This key was revoked.")
    poll_after_webhooks(job.account.lane)
    assert not Job.objects.with_pending_webhook().exists()


def test_reports_before_the_timeout_are_written(vendor, job_in, monkeypatch):
    jobs = jobs_with_webhook(job_in, 12)
    vendor.has_list, vendor.reports_ = False, [done_report()]
    monkeypatch.setattr(polling, "PASS_SECONDS", 0.2)

    def slow(*about):  # whoever else writes, or the disk is full of work
        time.sleep(0.3)
        apply_reports(*about)

    monkeypatch.setattr(polling, "apply_reports", slow)
    poll_after_webhooks(jobs[0].account.lane)
    assert not Job.objects.filter(state=State.AT_VENDOR).exists()


# --- no trust without a reason --------------------------------------------------------


def test_a_webhook_about_progress_causes_no_poll_and_earns_no_trust(vendor, comet, job_in):
    job = job_in(State.AT_VENDOR, account=comet, next_step_at=timezone.now() + FAR)
    assert send_webhook(job, "IN_PROGRESS") == 204
    assert not Job.objects.with_pending_webhook().exists()


def test_a_webhook_without_news_earns_no_trust_and_slows_the_next(vendor, comet, job_in):
    job = job_in(State.AT_VENDOR, account=comet, next_step_at=timezone.now() + FAR)
    vendor.reports_ = [RUNNING]
    send_webhook(job)
    begun = timezone.now()
    again = poll_after_webhooks(job.account.lane)
    assert not VendorAccount.objects.get(pk=comet.pk).receives_webhooks
    assert again is not None
    assert again >= begun + PollSchedule(job.account.lane).shortest


def test_accounts_with_one_key_earn_trust_by_their_own_webhooks(vendor, team, account, job_in):
    """The second account's copy of the secret may be missing: its webhooks are all refused."""
    other = an_account(team)
    VendorAccount.objects.filter(pk=other.pk).update(lane=account.lane_id)
    VendorAccount.objects.filter(pk=account.pk).update(webhook_at=timezone.now())
    begun = timezone.now() - timedelta(seconds=62)
    looks = {}
    for one in (account, other):
        teach(job_in, one)
        job = job_in(State.AT_VENDOR, account=one, accepted_at=begun, next_step_at=timezone.now())
        looks[one.pk] = job
    vendor.reports_ = [RUNNING]
    poll_due(Lane.objects.get(pk=account.lane_id))
    pause = {
        key: Job.objects.get(pk=job.pk).next_step_at - timezone.now() for key, job in looks.items()
    }
    assert pause[other.pk] < timedelta(seconds=5) < pause[account.pk]


def test_a_poll_beside_webhooks_is_no_later_than_the_trust_lasts():
    pace = Durations(p10=500, median=550, p90=600)
    pauses = [
        pause_before_poll(timedelta(seconds=at), pace, has_webhooks=True) for at in (0, 300, 2000)
    ]
    assert max(pauses) <= MINUTE


def test_without_webhooks_polls_do_not_get_later():
    """What is learned is when we found a job done, not when it was."""
    took = [20.0] * 40
    for _generation in range(40):
        pace = Durations(p10=took[4], median=took[20], p90=took[36])
        at = 0.0
        while at < 20:
            at += pause_before_poll(timedelta(seconds=at), pace, has_webhooks=True).total_seconds()
        took = [at] * 40
    assert at < 2 * 20


def test_refused_jobs_do_not_count_in_durations(account, job_in):
    teach(job_in, account)
    now = timezone.now()
    for _ in range(5):
        job_in(State.FAILED, accepted_at=now - timedelta(seconds=1), done_at=now)
    (pace,) = {
        PollSchedule(account.lane)._durations(account.pk, job.price_values)
        for job in Job.objects.all()
    }
    assert pace
    assert pace.p10 == pytest.approx(60)


@pytest.mark.parametrize("has_webhooks", [True, False])
def test_the_list_counts_for_other_jobs_only_where_no_webhooks_come(
    vendor, account, job_in, has_webhooks
):
    VendorAccount.objects.update(webhook_at=timezone.now() if has_webhooks else None)
    due = [job_in(State.AT_VENDOR, next_step_at=timezone.now()) for _ in range(2)]
    other = job_in(State.AT_VENDOR, next_step_at=timezone.now() + FAR)

    async def reports(asked, **_):
        listed = [one.vendor_job_id for one in asked] + [other.vendor_job_id]
        yield {job_id: done_report(vendor_job_id=job_id) for job_id in listed}

    vendor.reports = reports
    poll_due(account.lane)
    found = set(Job.objects.filter(state=State.SAVING))
    assert found == ({*due} if has_webhooks else {*due, other})


# --- the address of calls -------------------------------------------------------------


def test_the_reference_in_an_images_address_cannot_sign_a_webhook(comet, job_in):
    job = job_in(State.AT_VENDOR, account=comet)
    reference = job.submissions.get().reference
    body = b'{"id": "%s", "status": "SUCCESS"}' % job.vendor_job_id.encode()
    words = (reference, f"{reference}:", f"{reference}:{'0' * 43}", f":{sign_reference(reference)}")
    assert (
        receive_webhooks([WebhookRequest("comet", word, {}, body) for word in words]) == [404] * 4
    )
    assert reference_in(sign_reference(reference)) == reference
    assert not Job.objects.with_pending_webhook().exists()


def test_a_webhook_about_a_job_done_without_a_clip_earns_no_trust(vendor, job_in):
    (job,) = jobs_with_webhook(job_in, 1)
    asked = []

    async def report(vendor_job_id):
        asked.append(vendor_job_id)
        # it rings again meanwhile
        await Job.objects.filter(pk=job.pk).aupdate(webhook_at=timezone.now())
        return done_report(vendor_job_id=vendor_job_id, outputs=())

    vendor.report = report
    again = poll_after_webhooks(job.account.lane)
    assert not VendorAccount.objects.get().receives_webhooks
    assert len(asked) == 1
    assert again > timezone.now()


# --- looks in company -----------------------------------------------------------------


@pytest.mark.parametrize("has_webhooks", [True, False], ids=["calls come", "no calls"])
def test_a_page_of_unfinished_jobs_is_written_with_few_updates(
    vendor, account, job_in, has_webhooks, django_assert_max_num_queries
):
    teach(job_in, account, timedelta(seconds=40))
    VendorAccount.objects.update(webhook_at=timezone.now() if has_webhooks else None)
    now = timezone.now()
    for number in range(100):  # a hundred taken within two seconds
        accepted_at = now - timedelta(seconds=25, milliseconds=20 * number)
        job_in(State.AT_VENDOR, account=account, accepted_at=accepted_at, next_step_at=now)
    vendor.reports_ = [RUNNING]
    with django_assert_max_num_queries(40):
        poll_due(account.lane)


def test_jobs_accepted_together_are_polled_together(account, job_in):
    teach(job_in, account, timedelta(seconds=40))
    VendorAccount.objects.update(webhook_at=timezone.now())
    paces = PollSchedule(account.lane)
    price_values = Job.objects.all()[0].price_values
    ago = [timedelta(seconds=25, milliseconds=number) for number in range(50)]
    looks = {paces.next_poll(account.pk, price_values, paces.begun - one) for one in ago}
    assert len(looks) <= 2

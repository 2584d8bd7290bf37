import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.secrets import seal
from apps.jobs.models import Job, Submission, VendorAccount
from apps.jobs.models.submissions import sign_reference
from apps.jobs.states import State, SubmissionOutcome
from apps.jobs.workers.polling import poll_after_webhooks
from tests.support.factories import an_account
from tests.support.vendor import done_report

pytestmark = pytest.mark.django_db
SECRET = "whsec_of-the-tests"
FAR = timedelta(minutes=5)


@pytest.fixture
def job(job_in, account):
    VendorAccount.objects.filter(pk=account.pk).update(sealed_webhook_secret=seal(SECRET))
    return job_in(State.AT_VENDOR, next_step_at=timezone.now() + FAR)


@pytest.fixture
def comet_job(team, job_in):
    job = job_in(State.UNCONFIRMED, account=an_account(team, kind="comet"))
    Submission.objects.update(search_at=timezone.now() + FAR)
    return job


def body_of(job_id: str) -> bytes:
    return json.dumps({"id": job_id, "status": "completed"}).encode()


def call(client, job: Job, body: bytes, *, secret: str = SECRET, stamp: float = 0, kind: str = ""):
    """Send a webhook as WaveSpeed does: signed, to the address that its order named."""
    sent = str(int(stamp or time.time()))
    key = secret.removeprefix("whsec_").encode()
    digest = hmac.new(key, f"call-1.{sent}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "webhook-id": "call-1",
        "webhook-timestamp": sent,
        "webhook-signature": f"v3,{digest}",
    }
    address = f"/jobs/hooks/{kind or job.vendor}/{sign_reference(job.submissions.get().reference)}/"
    return client.post(address, body, content_type="application/json", headers=headers)


def everything(*but: str) -> list[object]:
    rows = list(Job.objects.order_by("pk").values()) + list(
        Submission.objects.order_by("pk").values()
    )
    return [str({name: value for name, value in row.items() if name not in but}) for row in rows]


def test_a_signed_webhook_causes_a_poll_and_nothing_more(client, job):
    assert call(client, job, body_of(job.vendor_job_id)).status_code == 204
    job.refresh_from_db()
    assert (job.state, job.vendor_status) == (State.AT_VENDOR, "processing")
    assert list(Job.objects.with_pending_webhook()) == [job]


@pytest.mark.parametrize("due", [-60, 0, 0.1], ids=["overdue", "due", "about to be due"])
def test_a_webhook_counts_although_the_job_is_about_to_be_polled(client, job, due):
    Job.objects.update(next_step_at=timezone.now() + timedelta(seconds=due))
    call(client, job, body_of(job.vendor_job_id))
    assert list(Job.objects.with_pending_webhook()) == [job]


def test_a_webhook_with_news_shows_that_this_accounts_webhooks_reach_us(client, vendor, job):
    call(client, job, body_of(job.vendor_job_id))
    assert not VendorAccount.objects.get().receives_webhooks  # it may have been any call
    vendor.reports_ = [done_report()]
    poll_after_webhooks(job.account.lane)
    assert VendorAccount.objects.get().receives_webhooks


def test_a_webhook_sends_a_worker_after_the_commit(client, job, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        call(client, job, body_of(job.vendor_job_id))
    assert len(callbacks) == 1


def test_a_repeated_or_replayed_webhook_changes_nothing_more(client, job):
    call(client, job, body_of(job.vendor_job_id))
    before = everything("webhook_at")
    for _ in range(3):
        assert call(client, job, body_of(job.vendor_job_id)).status_code == 204
    assert everything("webhook_at") == before


def test_a_webhook_during_the_poll_for_an_earlier_one_is_kept(client, job):
    call(client, job, body_of(job.vendor_job_id))
    earlier = Job.objects.get().webhook_at
    call(client, job, body_of(job.vendor_job_id))
    assert Job.objects.get().webhook_at > earlier


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "whsec_guessed"}, {"stamp": 1_000_000_000}, {"secret": ""}],
    ids=["guessed secret", "old stamp", "empty secret"],
)
def test_a_forged_webhook_is_refused_and_changes_nothing(client, job, wrong):
    before = everything()
    answer = call(client, job, body_of(job.vendor_job_id), **wrong)
    assert answer.status_code == 401
    assert SECRET not in answer.content.decode()
    assert everything() == before


def test_without_a_secret_of_the_account_no_webhook_is_accepted(client, job):
    VendorAccount.objects.update(sealed_webhook_secret="")
    assert call(client, job, body_of(job.vendor_job_id)).status_code == 401


def test_a_webhook_about_another_job_than_its_address_polls_only_its_own(client, job, job_in):
    other = job_in(State.AT_VENDOR, next_step_at=timezone.now() + FAR)
    call(client, job, body_of(other.vendor_job_id))
    assert list(Job.objects.with_pending_webhook()) == [job]


@pytest.mark.parametrize("state", [State.SAVING, State.SAVED, State.FAILED, State.CANCELLED])
def test_a_webhook_about_a_finished_job_changes_nothing(client, job, state):
    Job.objects.update(state=state)
    before = everything()
    assert call(client, job, body_of(job.vendor_job_id)).status_code == 204
    assert everything() == before


def test_an_unsigned_webhook_is_a_hint_for_the_search_of_a_lost_order(client, comet_job):
    assert call(client, comet_job, body_of("1795219200123456")).status_code == 204
    submission = comet_job.submissions.get()
    assert (submission.unverified_job_id, submission.outcome) == (
        "1795219200123456",
        SubmissionOutcome.UNKNOWN,
    )
    assert submission.search_at <= timezone.now()
    comet_job.refresh_from_db()
    assert (comet_job.state, comet_job.vendor_job_id) == (State.UNCONFIRMED, "")


def test_a_webhook_that_is_quicker_than_the_answer_waits_for_it(client, team, job_in):
    job = job_in(State.SUBMITTING, account=an_account(team, kind="comet"))
    call(client, job, body_of("1795219200123456"))
    submission = job.submissions.get()
    assert (submission.unverified_job_id, submission.search_at) == ("1795219200123456", None)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"id": {}}', b"\xff" * 50, b'{"id": "\x00"}']
)
def test_a_webhook_that_names_no_job_is_refused(client, comet_job, body):
    before = everything()
    assert call(client, comet_job, body).status_code == 401
    assert everything() == before


def test_an_id_that_is_too_long_is_refused(client, comet_job):
    assert call(client, comet_job, body_of("7" * 100_000)).status_code == 401


def test_a_huge_body_is_not_read(client, comet_job):
    before = everything()
    assert call(client, comet_job, b" " * 3_000_000).status_code in {400, 413}
    assert everything() == before


def test_an_unknown_reference_or_another_vendors_address_is_not_found(client, job):
    assert call(client, job, body_of("x"), kind="comet").status_code == 404
    assert call(client, job, body_of("x"), kind="nobody").status_code == 404
    assert (
        client.post("/jobs/hooks/wavespeed/guessed/", b"{}", content_type="x/y").status_code == 404
    )


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_a_post_is_a_webhook(client, job, method):
    address = f"/jobs/hooks/{job.vendor}/{sign_reference(job.submissions.get().reference)}/"
    assert getattr(client, method)(address).status_code == 405


def test_a_webhook_takes_a_few_queries(client, job, django_assert_max_num_queries):
    with django_assert_max_num_queries(6, connection=connection):
        call(client, job, body_of(job.vendor_job_id))

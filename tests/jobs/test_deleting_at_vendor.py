"""Deleting the vendor's copy of a job: who may, which vendors can, and what the page shows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.activity.models import Event
from apps.core.errors import DomainError, NotAllowed
from apps.jobs import services
from apps.jobs.models import Job, Lane, VendorRequest
from apps.jobs.models.vendor_side import RETENTION
from apps.jobs.states import State
from apps.jobs.workers import deleting
from apps.jobs.workers.polling import poll_due
from apps.vendors.errors import JobNotFound, Refused, TryLater, Unsure
from tests.support.factories import an_account

pytestmark = pytest.mark.django_db
OVER = {"vendor_job_id": "v-over"}


def delete_at_vendor(job: Job) -> VendorRequest:
    """Let a worker ask once; return the request as it is then."""
    requests = VendorRequest.objects.select_related("job__account__lane")
    deleting.delete_at_vendor(requests.get(job=job))
    return requests.get(job=job)


def verbs(job: Job) -> list[str]:
    return list(
        Event.objects.filter(subject_id=job.public_id).order_by("pk").values_list("verb", flat=True)
    )


@pytest.fixture
def job_to_delete(job_in, creator):
    """Give a job in some state that somebody wants deleted at its vendor."""

    def make(state=State.SAVED, **fields):
        job = job_in(state, **{"done_at": timezone.now()} | OVER | fields)
        services.delete_at_vendor(creator, job)
        return Job.objects.get(pk=job.pk)

    return make


def test_a_saved_job_is_deleted_once_and_not_polled_again(vendor, job_to_delete, creator):
    job = job_to_delete()
    services.delete_at_vendor(creator, job)
    assert [request.job_id for request in VendorRequest.objects.claim_due()] == [job.pk]
    assert VendorRequest.objects.claim_due() == []
    request = delete_at_vendor(job)
    assert (request.is_fulfilled, request.next_try_at) == (True, None)
    assert request.done_at <= timezone.now()
    job.refresh_from_db()
    assert (job.state, job.next_step_at) == (State.SAVED, None)
    assert verbs(job) == ["asked_to_forget", "forgotten"]
    poll_due(job.account.lane)
    assert vendor.asked == [["v-over"]]
    with pytest.raises(DomainError):
        services.delete_at_vendor(creator, job)


NOT_HERE = [
    State.QUEUED,
    State.UNCONFIRMED,
    State.AT_VENDOR,
    State.SAVING,
    State.FAILED,
    State.MODERATED,
]


@pytest.mark.parametrize("state", NOT_HERE)
def test_a_job_that_may_still_get_a_clip_is_not_deleted(job_in, creator, state):
    job = job_in(state, **OVER)
    with pytest.raises(DomainError, match="nothing to delete"):
        services.delete_at_vendor(creator, job)


def test_a_request_that_is_dispatched_twice_is_sent_once(vendor, job_to_delete):
    job = job_to_delete()
    delete_at_vendor(job)
    delete_at_vendor(job)
    assert vendor.asked == [["v-over"]]
    assert verbs(job) == ["asked_to_forget", "forgotten"]


def test_a_job_beyond_the_vendors_retention_is_not_deleted(job_in, creator):
    job = job_in(State.SAVED, done_at=timezone.now() - RETENTION, **OVER)
    with pytest.raises(DomainError):
        services.delete_at_vendor(creator, job)


def test_a_vendor_that_cannot_delete_is_not_asked(team, job_in, creator):
    job = job_in(
        State.SAVED, account=an_account(team, kind="comet"), done_at=timezone.now(), **OVER
    )
    with pytest.raises(DomainError):
        services.delete_at_vendor(creator, job)


def test_a_viewer_deletes_nothing(job_in, viewer):
    with pytest.raises(NotAllowed):
        services.delete_at_vendor(viewer, job_in(State.SAVED, done_at=timezone.now(), **OVER))


@pytest.mark.parametrize("trouble", [TryLater("Busy."), Unsure("Hello?")])
def test_a_vendor_that_does_not_answer_is_asked_again(vendor, job_to_delete, trouble):
    vendor.trouble = trouble
    job = job_to_delete()
    request = delete_at_vendor(job)
    assert request.next_try_at > timezone.now()
    assert request.tries == 1
    assert Lane.objects.get(pk=job.account.lane_id).failure_count == 0, "orders go on"


def test_a_paused_vendor_is_asked_when_the_pause_is_over(vendor, job_to_delete):
    job, until = job_to_delete(), timezone.now() + timedelta(minutes=3)
    Lane.objects.update(paused_until=until)
    assert delete_at_vendor(job).next_try_at == until
    assert vendor.asked == []


@pytest.mark.parametrize(
    ("unknown", "last"),
    [(JobNotFound("Never heard of it."), "forgotten"), (None, "not_forgotten")],
    ids=["gone already", "still there"],
)
def test_a_vendor_that_says_it_deleted_nothing_is_asked_whether_there_is_anything(
    vendor, job_to_delete, unknown, last
):
    vendor.kept, vendor.unknown = set(), unknown
    job = job_to_delete()
    assert delete_at_vendor(job).is_fulfilled == (last == "forgotten")
    assert verbs(job)[-1] == last


def test_a_vendor_that_refuses_is_quoted(vendor, job_to_delete, creator):
    vendor.trouble = Refused("This key may not delete.")
    job = job_to_delete()
    assert delete_at_vendor(job).is_refused
    assert Event.objects.get(verb="not_forgotten").facts["why"] == "This key may not delete."
    services.delete_at_vendor(creator, job)
    assert delete_at_vendor(job).is_refused, "it may be asked again"
    assert vendor.asked == [["v-over"]] * 2


def test_the_page_offers_deletion_to_those_who_may_and_shows_the_answer(
    client, vendor, job_in, creator, viewer
):
    job = job_in(State.SAVED, done_at=timezone.now(), **OVER)
    client.force_login(viewer.user)
    assert "Delete at the vendor" not in client.get(job.get_absolute_url()).content.decode()
    client.force_login(creator.user)
    shown = client.get(job.get_absolute_url()).content.decode()
    assert "Delete at the vendor" in shown
    assert "can't be undone" in shown
    client.post(f"{job.get_absolute_url()}delete-at-vendor/")
    assert "Asking the vendor to delete it" in client.get(job.get_absolute_url()).content.decode()
    delete_at_vendor(job)
    assert "Deleted at the vendor" in client.get(job.get_absolute_url()).content.decode()

from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from apps.clips.models import Clip
from apps.jobs import services
from apps.jobs.models import Job, Output
from apps.jobs.models.vendor_side import RETENTION
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import State
from apps.jobs.workers import saving
from apps.jobs.workers.reports import apply_reports
from apps.vendors.errors import TryLater
from tests.support.factories import a_clip, a_film, an_output
from tests.support.pictures import picture_server
from tests.support.vendor import done_report

__all__ = ["picture_server"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("films_examined_once")]


@pytest.fixture
def film() -> bytes:
    return a_film()


@pytest.fixture
def job(job_in, account):
    account.is_sandbox = True
    account.save()
    return job_in(State.SAVING)


def stored_bytes(output: Output) -> bytes:
    with default_storage.open(now(output).clip.file) as file:
        return file.read()


def now(output: Output) -> Output:
    """The output as its row is now, with its job and its clip."""
    known = ("job__account__lane", "job__chain", "clip")
    return Output.objects.select_related(*known).get(pk=output.pk)


def save(*outputs: Output) -> Job:
    """Try to save each of these outputs once; return their job."""
    for output in outputs:
        saving.save(now(output))
    return Job.objects.get(pk=outputs[0].job_id)


def test_a_clip_is_saved_with_its_facts_poster_and_sprite(team, job, picture_server, film):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))
    assert save(output).state == State.SAVED
    clip = now(output).clip
    assert clip.sha256 == sha256(film).hexdigest()
    assert stored_bytes(output) == film
    assert default_storage.exists(clip.poster)
    assert default_storage.exists(clip.sprite)
    assert (now(output).next_try_at, now(output).fault) == (None, "")
    assert clip.frames == 24
    assert clip.width > 0


def test_a_clip_keeps_how_by_whom_and_when_it_was_made(team, job, creator, picture_server, film):
    parameters = job.parameters | {"seed": 7}
    Job.objects.filter(pk=job.pk).update(parameters=parameters, created_by=creator.user)
    an_output(team, job, take=2, next_try_at=None, given_up_at=timezone.now())
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))
    job = save(output)
    clip = now(output).clip
    assert (clip.order, clip.take, clip.author) == (job.public_id, 1, creator.user)
    assert clip.recipe() == job.recipe()
    assert (clip.image, clip.seed) == (job.image, 7)
    assert clip.cost_usd == job.price / 2, "each of two takes has its share"
    assert clip.timings | {"saving": 0, "total": 0} == job.timings | {"saving": 0, "total": 0}


def test_one_bad_output_does_not_keep_the_other_from_being_saved(team, job, picture_server, film):
    good = an_output(team, job, take=1, vendor_url=picture_server.hang("0.mp4", film))
    half = film[: len(film) // 2]
    bad = an_output(team, job, take=2, vendor_url=picture_server.hang("1.mp4", half))
    assert save(bad, good).state == State.SAVING
    assert now(good).clip
    assert (now(bad).clip, now(bad).tries) == (None, 1)
    picture_server.hang("1.mp4", film)
    assert save(good, bad).state == State.SAVED
    assert picture_server.asked.count("/0.mp4") == 1


@pytest.mark.parametrize("comes", [True, False], ids=["it comes", "it fails"])
def test_a_person_stops_a_download_while_it_runs(job, creator, picture_server, monkeypatch, comes):
    a_clip(job.team, job, take=1)
    address = picture_server.hang("1.mp4", a_film() if comes else b"<html>502</html>")
    output = an_output(job.team, job, take=2, fault="Not yet.", vendor_url=address)
    fetch = saving._fetch

    def stopped_meanwhile(*about):
        services.stop_downloading(creator, Job.objects.get(pk=job.pk))
        return fetch(*about)

    monkeypatch.setattr(saving, "_fetch", stopped_meanwhile)
    assert save(output).state == State.SAVED
    output.refresh_from_db()
    assert (output.clip is not None, output.given_up_at is None) == (comes, comes)
    assert output.next_try_at is None
    assert not Output.objects.claim_due()


def test_a_clip_at_its_first_try_is_waited_for_when_another_is_given_up(team, job, creator):
    a_clip(team, job, take=1)
    late = an_output(team, job, take=2, fault="Not yet.")
    first = an_output(team, job, take=3)
    services.stop_downloading(creator, job)
    assert Job.objects.get(pk=job.pk).state == State.SAVING
    assert Output.objects.claim_due() == [first.pk]
    assert now(late).given_up_at


@pytest.mark.parametrize(
    "junk", [b"", b"<html>gone</html>", b"\x00" * 5000], ids=["empty", "page", "zeros"]
)
def test_a_file_that_is_no_video_is_not_saved_and_tried_again_later(
    vendor, team, job, picture_server, junk
):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", junk))
    after = save(output)
    output.refresh_from_db()
    assert (after.state, after.reason) == (State.SAVING, output.fault)
    assert output.fault
    assert output.next_try_at > timezone.now()


def test_a_dead_address_is_asked_for_again(vendor, team, job, picture_server, film):
    output = an_output(team, job, take=2, vendor_url=f"{picture_server.base_url}/expired.mp4")
    alive = picture_server.hang("1.mp4", film)
    vendor.reports_ = [done_report(f"{picture_server.base_url}/0.mp4", alive)]
    assert save(output).state == State.SAVING
    assert vendor.asked == [[job.vendor_job_id]]
    assert save(output).state == State.SAVED


def test_an_address_that_fails_for_a_while_is_kept(vendor, team, job):
    output = an_output(team, job, vendor_url="http://127.0.0.1:9/0.mp4")
    assert save(output).state == State.SAVING
    assert vendor.asked == []


def test_a_vendor_that_cannot_be_asked_changes_nothing(vendor, team, job, picture_server):
    output = an_output(team, job, vendor_url=f"{picture_server.base_url}/expired.mp4")
    vendor.trouble = TryLater("Closed.")
    assert save(output).state == State.SAVING
    assert Output.objects.get().vendor_url.endswith("expired.mp4")


def test_an_unforeseen_answer_is_one_more_try_and_no_endless_one(vendor, team, job, picture_server):
    output = an_output(team, job, vendor_url=f"{picture_server.base_url}/expired.mp4")
    vendor.trouble = ValueError("What is this?")
    assert save(output).state == State.SAVING
    output.refresh_from_db()
    assert output.tries == 1
    assert output.next_try_at > timezone.now()


@pytest.mark.parametrize(
    ("path", "ages", "state"),
    [
        ("gone.mp4", 1, State.FAILED),  # refused: the vendor has nothing of it any more
        ("", 1, State.SAVING),  # out of reach: nobody said that it is gone
        ("", 4, State.FAILED),
    ],
)
@pytest.mark.usefixtures("vendor")
def test_a_clip_is_given_up_only_when_the_vendors_copy_must_be_gone(  # noqa: PLR0917  # a table
    team, job, picture_server, path, ages, state
):
    address = f"{picture_server.base_url}/{path}" if path else "http://127.0.0.1:9/0.mp4"
    output = an_output(team, job, vendor_url=address, tries=3)
    Job.objects.filter(pk=job.pk).update(
        done_at=timezone.now() - RETENTION * ages - timedelta(minutes=1)
    )
    assert save(output).state == state
    output.refresh_from_db()
    assert bool(output.given_up_at) == (state == State.FAILED)


def test_after_weeks_without_a_worker_a_clip_is_tried_more_than_once_all_the_same(
    vendor, team, job, picture_server
):
    output = an_output(team, job, vendor_url=f"{picture_server.base_url}/gone.mp4")
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - 9 * RETENTION)
    for state in (State.SAVING, State.SAVING, State.SAVING, State.FAILED):
        assert save(output).state == state
        output.refresh_from_db()


def test_a_job_with_one_clip_lost_and_one_saved_is_saved(vendor, team, job, picture_server, film):
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - RETENTION - timedelta(minutes=1))
    gone = f"{picture_server.base_url}/gone.mp4"
    lost = an_output(team, job, take=1, vendor_url=gone, tries=3)
    good = an_output(team, job, take=2, vendor_url=picture_server.hang("1.mp4", film))
    assert save(good, lost).state == State.SAVED


@pytest.mark.usefixtures("local_files")
def test_a_disk_out_of_order_never_loses_a_clip(team, job, picture_server, film, settings):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    in_the_way = settings.MEDIA_ROOT / "clips"
    in_the_way.write_text("no folder")
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - RETENTION - timedelta(minutes=1))
    assert save(output).state == State.SAVING
    output.refresh_from_db()
    assert "could not be saved" in output.fault
    assert output.next_try_at
    in_the_way.unlink()
    assert save(output).state == State.SAVED


def test_a_worker_that_dies_between_file_and_row_is_followed_by_another(
    team, job, picture_server, film
):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))
    default_storage.save(
        f"{saving.stem_of(job, 'take-1')}.mp4",
        ContentFile(b"half of what " * 9999 * (len(film) // 9999)),
    )
    assert save(output).state == State.SAVED
    assert stored_bytes(output) == film


def test_a_clip_and_the_end_of_its_job_are_written_together_or_not_at_all(
    team, job, picture_server, film
):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))

    def dies_at_the_last_line(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "jobs_job" in sql:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with suppress(KeyboardInterrupt), connection.execute_wrapper(dies_at_the_last_line):
        save(output)
    output.refresh_from_db()
    assert output.clip is None
    assert not Clip.objects.exists()
    assert save(output).state == State.SAVED


@pytest.mark.usefixtures("vendor")
def test_a_real_vendors_clip_is_never_fetched_from_a_private_address(
    team, job, account, picture_server, film
):
    account.is_sandbox = False
    account.save()
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))
    assert save(output).state == State.SAVING
    assert picture_server.asked == []


def test_saving_twice_changes_nothing(team, job, picture_server, film):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film))
    save(output, output)
    assert picture_server.asked == ["/0.mp4"]
    assert stored_bytes(output) == film


def test_every_clip_is_given_to_one_worker_only_and_to_another_when_that_one_died(team, job):
    output = an_output(team, job)
    assert list(Output.objects.claim_due()) == [output.pk]
    assert list(Output.objects.claim_due()) == []
    Output.objects.update(next_try_at=timezone.now())
    assert list(Output.objects.claim_due()) == [output.pk]


def test_lost_clips_of_a_late_job_are_downloaded_again(vendor, team, job_in, picture_server, film):
    job = job_in(State.AT_VENDOR)
    Job.objects.filter(pk=job.pk).update(state=State.FAILED)
    output = an_output(team, job, next_try_at=None, given_up_at=timezone.now())
    address = picture_server.hang("0.mp4", film)
    apply_reports(
        job.account.lane, {job.vendor_job_id: done_report(address)}, PollSchedule(job.account.lane)
    )
    output.refresh_from_db()
    assert (output.vendor_url, output.given_up_at) == (address, None)
    assert output.next_try_at


class KilledError(BaseException):
    """The end of the process, as a step can see it."""


@pytest.fixture
def dies(monkeypatch):
    """Let every try to examine a film end the process."""

    def die(*_):
        raise KilledError

    monkeypatch.setattr(saving, "examine", die)


def test_a_file_that_crashes_its_worker_is_tried_ever_more_rarely(
    team, job, picture_server, film, dies
):
    output = an_output(team, job, vendor_url=picture_server.hang("0.mp4", film), tries=11)
    with suppress(KilledError):
        save(output)
    output.refresh_from_db()
    assert output.tries == 12
    assert output.next_try_at > timezone.now() + timedelta(minutes=9)


def test_a_file_that_crashes_every_worker_is_given_up_in_the_end(team, job, film, dies):
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - timedelta(days=60))
    output = an_output(team, job, vendor_url="http://127.0.0.1:9/", tries=4)
    assert save(output).state == State.FAILED
    output.refresh_from_db()
    assert "stopped the worker" in output.fault

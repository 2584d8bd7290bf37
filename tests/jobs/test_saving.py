from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from apps.jobs import services
from apps.jobs.models import Clip, Job
from apps.jobs.models.jobs import RETENTION
from apps.jobs.poll_schedule import PollSchedule
from apps.jobs.states import Nsfw, State
from apps.jobs.workers import saving
from apps.jobs.workers.reports import apply_reports
from apps.vendors.errors import TryLater
from tests.support.house import a_clip, a_film
from tests.support.pictures import picture_server
from tests.support.vendor import done

__all__ = ["picture_server"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def film() -> bytes:
    return a_film()


@pytest.fixture
def job(job_in, account):
    account.is_sandbox = True
    account.save()
    return job_in(State.SAVING)


def kept(clip: Clip) -> bytes:
    with default_storage.open(Clip.objects.get(pk=clip.pk).file) as file:
        return file.read()


def saved(*clips: Clip) -> Job:
    for clip in clips:
        saving.save(Clip.objects.select_related("job__account__lane", "job__chain").get(pk=clip.pk))
    return Job.objects.get(pk=clips[0].job_id)


def test_a_clip_is_saved_with_its_facts_poster_and_sprite(team, job, picture_server, film):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    assert saved(clip).state == State.SAVED
    clip.refresh_from_db()
    assert clip.sha256 == sha256(film).hexdigest()
    assert kept(clip) == film
    assert default_storage.exists(clip.poster)
    assert default_storage.exists(clip.sprite)
    assert (clip.frames, clip.next_step_at, clip.fault) == (24, None, "")
    assert clip.width > 0
    assert clip.saved_at


def test_one_bad_output_does_not_keep_the_other_from_being_saved(team, job, picture_server, film):
    good = a_clip(team, job, number=0, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    half = film[: len(film) // 2]
    bad = a_clip(team, job, number=1, saved=False, vendor_url=picture_server.hang("1.mp4", half))
    assert saved(bad, good).state == State.SAVING
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.saved_at
    assert (bad.saved_at, bad.attempts) == (None, 1)
    picture_server.hang("1.mp4", film)
    assert saved(good, bad).state == State.SAVED
    assert picture_server.asked.count("/0.mp4") == 1


@pytest.mark.parametrize("comes", [True, False], ids=["it comes", "it fails"])
def test_somebody_stops_waiting_while_a_clip_is_on_its_way(
    job, creator, picture_server, monkeypatch, comes
):
    a_clip(job.team, job, number=0)
    address = picture_server.hang("1.mp4", a_film() if comes else b"<html>502</html>")
    clip = a_clip(job.team, job, number=1, saved=False, fault="Not yet.", vendor_url=address)
    fetched = saving._fetched

    def stopped_meanwhile(*about):
        services.stop_fetching(creator, Job.objects.get(pk=job.pk))
        return fetched(*about)

    monkeypatch.setattr(saving, "_fetched", stopped_meanwhile)
    assert saved(clip).state == State.SAVED
    clip.refresh_from_db()
    assert (clip.saved_at is not None, clip.lost_at is None) == (comes, comes)
    assert clip.next_step_at is None
    assert not Clip.objects.claim_due()


def test_a_clip_on_its_first_way_here_is_waited_for_when_another_is_given_up(team, job, creator):
    a_clip(team, job, number=0)
    late = a_clip(team, job, number=1, saved=False, fault="Not yet.", next_step_at=timezone.now())
    first = a_clip(team, job, number=2, saved=False, next_step_at=timezone.now())
    services.stop_fetching(creator, job)
    assert Job.objects.get(pk=job.pk).state == State.SAVING
    assert Clip.objects.claim_due() == [first.pk]
    assert Clip.objects.get(pk=late.pk).lost_at


@pytest.mark.parametrize(
    "junk", [b"", b"<html>gone</html>", b"\x00" * 5000], ids=["empty", "page", "zeros"]
)
def test_what_is_no_video_is_not_saved_and_tried_again_later(
    vendor, team, job, picture_server, junk
):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", junk))
    after = saved(clip)
    clip.refresh_from_db()
    assert (after.state, after.reason) == (State.SAVING, clip.fault)
    assert clip.fault
    assert clip.next_step_at > timezone.now()


def test_a_dead_address_is_asked_for_again(vendor, team, job, picture_server, film):
    clip = a_clip(
        team, job, number=1, saved=False, vendor_url=f"{picture_server.base_url}/expired.mp4"
    )
    alive = picture_server.hang("1.mp4", film)
    vendor.reports_ = [done(f"{picture_server.base_url}/0.mp4", alive)]
    assert saved(clip).state == State.SAVING
    assert vendor.asked == [[job.vendor_job_id]]
    assert saved(clip).state == State.SAVED


def test_an_address_that_is_only_out_of_order_is_kept(vendor, team, job):
    clip = a_clip(team, job, saved=False, vendor_url="http://127.0.0.1:9/0.mp4")
    assert saved(clip).state == State.SAVING
    assert vendor.asked == []


def test_a_vendor_that_cannot_be_asked_changes_nothing(vendor, team, job, picture_server):
    clip = a_clip(team, job, saved=False, vendor_url=f"{picture_server.base_url}/expired.mp4")
    vendor.trouble = TryLater("Closed.")
    assert saved(clip).state == State.SAVING
    assert Clip.objects.get().vendor_url.endswith("expired.mp4")


def test_an_answer_nobody_foresaw_is_one_more_try_and_no_endless_one(
    vendor, team, job, picture_server
):
    clip = a_clip(team, job, saved=False, vendor_url=f"{picture_server.base_url}/expired.mp4")
    vendor.trouble = ValueError("What is this?")
    assert saved(clip).state == State.SAVING
    clip.refresh_from_db()
    assert clip.attempts == 1
    assert clip.next_step_at > timezone.now()


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
    clip = a_clip(team, job, saved=False, vendor_url=address, attempts=3)
    Job.objects.filter(pk=job.pk).update(
        done_at=timezone.now() - RETENTION * ages - timedelta(minutes=1)
    )
    assert saved(clip).state == state
    clip.refresh_from_db()
    assert bool(clip.lost_at) == (state == State.FAILED)


def test_after_weeks_without_a_worker_a_clip_is_tried_more_than_once_all_the_same(
    vendor, team, job, picture_server
):
    clip = a_clip(team, job, saved=False, vendor_url=f"{picture_server.base_url}/gone.mp4")
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - 9 * RETENTION)
    for state in (State.SAVING, State.SAVING, State.SAVING, State.FAILED):
        assert saved(clip).state == state
        clip.refresh_from_db()


def test_a_job_with_one_clip_lost_and_one_saved_is_saved(vendor, team, job, picture_server, film):
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - RETENTION - timedelta(minutes=1))
    gone = f"{picture_server.base_url}/gone.mp4"
    lost = a_clip(team, job, number=0, saved=False, vendor_url=gone, attempts=3)
    good = a_clip(team, job, number=1, saved=False, vendor_url=picture_server.hang("1.mp4", film))
    assert saved(good, lost).state == State.SAVED


@pytest.mark.usefixtures("local_files")
def test_a_disk_out_of_order_never_loses_a_clip(team, job, picture_server, film, settings):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    in_the_way = settings.MEDIA_ROOT / "clips"
    in_the_way.write_text("no folder")
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - RETENTION - timedelta(minutes=1))
    assert saved(clip).state == State.SAVING
    clip.refresh_from_db()
    assert "kept here" in clip.fault
    assert clip.next_step_at
    in_the_way.unlink()
    assert saved(clip).state == State.SAVED


def test_a_worker_that_dies_between_file_and_row_is_followed_by_another(
    team, job, picture_server, film
):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    default_storage.save(
        f"{saving.stem_of(job, 0)}.mp4", ContentFile(b"half of what " * 9999 * (len(film) // 9999))
    )
    assert saved(clip).state == State.SAVED
    assert kept(clip) == film


def test_a_clip_and_the_end_of_its_job_are_written_together_or_not_at_all(
    team, job, picture_server, film
):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))

    def dies_at_the_last_line(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "jobs_job" in sql:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with suppress(KeyboardInterrupt), connection.execute_wrapper(dies_at_the_last_line):
        saved(clip)
    clip.refresh_from_db()
    assert clip.saved_at is None
    assert saved(clip).state == State.SAVED


@pytest.mark.usefixtures("vendor")
def test_a_real_vendors_clip_is_never_fetched_from_a_private_address(
    team, job, account, picture_server, film
):
    account.is_sandbox = False
    account.save()
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    assert saved(clip).state == State.SAVING
    assert picture_server.asked == []


def test_saving_twice_changes_nothing(team, job, picture_server, film):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    saved(clip, clip)
    assert picture_server.asked == ["/0.mp4"]
    assert kept(clip) == film


def test_every_clip_is_given_to_one_worker_only_and_to_another_when_that_one_died(team, job):
    clip = a_clip(team, job, saved=False, next_step_at=timezone.now())
    assert list(Clip.objects.claim_due()) == [clip.pk]
    assert list(Clip.objects.claim_due()) == []
    Clip.objects.update(next_step_at=timezone.now())
    assert list(Clip.objects.claim_due()) == [clip.pk]


def test_clips_of_a_late_job_that_were_lost_are_fetched_anew(
    vendor, team, job_in, picture_server, film
):
    job = job_in(State.AT_VENDOR)
    Job.objects.filter(pk=job.pk).update(state=State.FAILED)
    clip = a_clip(team, job, saved=False, lost_at=timezone.now())
    address = picture_server.hang("0.mp4", film)
    apply_reports(
        job.account.lane, {job.vendor_job_id: done(address)}, PollSchedule(job.account.lane)
    )
    clip.refresh_from_db()
    assert (clip.vendor_url, clip.lost_at) == (address, None)
    assert clip.next_step_at


def test_the_house_looks_at_a_saved_clip_once(team):
    clip = a_clip(team, check_at=timezone.now())
    (pk,) = Clip.objects.claim_checks()
    assert list(Clip.objects.claim_checks()) == []
    saving.check(Clip.objects.get(pk=pk))
    clip.refresh_from_db()
    assert clip.house_nsfw == Nsfw.CLEAR
    assert 0 <= clip.house_score < 0.5
    assert clip.check_at is None


def test_a_clip_whose_file_is_gone_stays_unknown_and_is_not_looked_at_for_ever(team):
    clip = a_clip(team, check_at=timezone.now())
    default_storage.delete(clip.file)
    saving.check(clip)
    clip.refresh_from_db()
    assert (clip.house_nsfw, clip.check_at) == (Nsfw.UNKNOWN, None)


@pytest.mark.parametrize(
    ("vendors", "house", "verdict", "veiled"),
    [
        (Nsfw.CLEAR, Nsfw.UNKNOWN, "undecided", False),
        (Nsfw.CLEAR, Nsfw.FLAGGED, "undecided", True),
        (Nsfw.FLAGGED, Nsfw.CLEAR, "approved", True),
        (Nsfw.UNKNOWN, Nsfw.UNKNOWN, "undecided", True),
        (Nsfw.UNKNOWN, Nsfw.UNKNOWN, "approved", False),
        (Nsfw.UNKNOWN, Nsfw.CLEAR, "undecided", False),
    ],
)
def test_flagged_and_unknown_unreviewed_clips_are_veiled(team, vendors, house, verdict, veiled):
    clip = a_clip(team, nsfw=vendors, house_nsfw=house, verdict=verdict)
    assert clip.is_veiled is veiled


class KilledError(BaseException):
    """The end of the process, as a step can see it."""


@pytest.fixture
def dies(monkeypatch):
    """Make every look into a film the end of the process that looks."""

    def die(*_):
        raise KilledError

    monkeypatch.setattr(saving, "examine", die)
    monkeypatch.setattr(saving, "nudity_of_clip", die)


def test_a_film_that_kills_its_worker_comes_back_ever_more_rarely(
    team, job, picture_server, film, dies
):
    clip = a_clip(
        team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film), attempts=11
    )
    with suppress(KilledError):
        saved(clip)
    clip.refresh_from_db()
    assert clip.attempts == 12
    assert clip.next_step_at > timezone.now() + timedelta(minutes=9)


def test_a_film_that_kills_every_worker_is_given_up_beyond_all_patience(team, job, film, dies):
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - timedelta(days=60))
    clip = a_clip(team, job, saved=False, vendor_url="http://127.0.0.1:9/", attempts=4)
    assert saved(clip).state == State.FAILED
    clip.refresh_from_db()
    assert "ended the process" in clip.fault


def test_a_check_that_kills_its_worker_is_not_made_again_at_once(team, job, dies):
    clip = a_clip(team, job, check_at=timezone.now())
    with suppress(KilledError):
        saving.check(clip)
    clip.refresh_from_db()
    assert clip.check_at > timezone.now() + timedelta(minutes=30)

from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.jobs import saving
from apps.jobs.models import Clip, Job
from apps.jobs.models.jobs import RETENTION
from apps.jobs.states import Nsfw, State
from tests.factories.house import a_clip, a_film
from tests.factories.pictures import picture_server

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


def saved(job: Job) -> Job:
    saving.save(Job.objects.select_related("account").get(pk=job.pk))
    return Job.objects.get(pk=job.pk)


def test_a_clip_is_saved_with_its_facts_poster_and_sprite(team, job, picture_server, film):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    assert saved(job).state == State.SAVED
    clip.refresh_from_db()
    assert clip.sha256 == sha256(film).hexdigest()
    assert kept(clip) == film
    assert default_storage.exists(clip.poster)
    assert default_storage.exists(clip.sprite)
    assert clip.frames > 1
    assert clip.width > 0
    assert clip.saved_at


def test_one_bad_output_does_not_keep_the_other_from_being_saved(team, job, picture_server, film):
    good = a_clip(team, job, number=0, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    bad = a_clip(
        team, job, number=1, saved=False, vendor_url=picture_server.hang("1.mp4", film[: len(film) // 2])
    )
    assert saved(job).state == State.SAVING
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.saved_at
    assert not bad.saved_at


def test_a_repaired_output_is_saved_later_and_the_others_are_not_fetched_again(
    team, job, picture_server, film
):
    a_clip(team, job, number=0, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    a_clip(team, job, number=1, saved=False, vendor_url=f"{picture_server.base_url}/1.mp4")
    assert saved(job).state == State.SAVING
    picture_server.hang("1.mp4", film)
    assert saved(job).state == State.SAVED
    assert picture_server.asked.count("/0.mp4") == 1


@pytest.mark.parametrize("junk", [b"", b"<html>gone</html>", b"\x00" * 5000], ids=["empty", "page", "zeros"])
def test_what_is_no_video_is_not_saved_and_tried_again_later(team, job, picture_server, junk):
    a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", junk))
    after = saved(job)
    assert after.state == State.SAVING
    assert after.reason
    assert after.next_step_at > timezone.now()


def test_saving_is_given_up_only_when_the_vendors_copy_must_be_gone(team, job, picture_server):
    a_clip(team, job, saved=False, vendor_url=f"{picture_server.base_url}/gone.mp4")
    Job.objects.filter(pk=job.pk).update(done_at=timezone.now() - RETENTION - timedelta(minutes=1))
    assert saved(job).state == State.FAILED


def test_a_real_vendors_clip_is_never_fetched_from_a_private_address(
    team, job, account, picture_server, film
):
    account.is_sandbox = False
    account.save()
    a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    assert saved(job).state == State.SAVING
    assert picture_server.asked == []


def test_saving_twice_changes_nothing(team, job, picture_server, film):
    clip = a_clip(team, job, saved=False, vendor_url=picture_server.hang("0.mp4", film))
    saved(job)
    saved(job)
    assert picture_server.asked == ["/0.mp4"]
    assert kept(clip) == film


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

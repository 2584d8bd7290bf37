"""How the trash empties itself, and what is left when something breaks in between."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Event
from apps.clips.models import Clip
from apps.clips.services import restore
from apps.clips.tasks import empty
from apps.clips.workers.trash import expire, remove_files, remove_files_of
from apps.core.errors import DomainError
from apps.jobs.states import State
from apps.teams.models import Team
from apps.teams.scoping import everywhere
from apps.teams.services import set_trash_days
from apps.teams.states import TeamStatus
from tests.support.factories import a_clip, a_job, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_rounds_do():
    with everywhere():
        yield


@pytest.fixture
def job(team):
    return a_job(team, State.SAVED, clips=0)


def trashed_clip(team, job, days: float, take: int = 1, **fields) -> Clip:
    """A clip that was thrown away so many days ago."""
    return a_clip(team, job, take=take, trashed_at=timezone.now() - timedelta(days=days), **fields)


def clip_to_remove(team, job, take: int = 1) -> Clip:
    """A clip whose files are to be removed now."""
    moment = timezone.now()
    return trashed_clip(team, job, 1, take, gone_at=moment, remove_at=moment)


def files_of(clip: Clip) -> list[str]:
    return [clip.file, clip.poster, clip.sprite]


def are_stored(names: list[str]) -> set[bool]:
    return {default_storage.exists(name) for name in names}


def now(clip: Clip) -> Clip:
    return Clip.objects.get(pk=clip.pk)


def test_a_trashed_clip_expires_after_the_days_of_its_team(team, stranger, job):
    old, young = trashed_clip(team, job, 30.01), trashed_clip(team, job, 29.99, 2)
    theirs = trashed_clip(stranger.team, a_job(stranger.team, State.SAVED, clips=0), 30.01)
    Team.objects.filter(pk=stranger.team_id).update(trash_days=90)
    assert expire() == 1
    assert [bool(now(clip).gone_at) for clip in (old, young, theirs)] == [True, False, False]
    assert expire() == 0


@pytest.mark.parametrize("status", [TeamStatus.ARCHIVED, TeamStatus.SUSPENDED])
def test_no_clip_expires_while_its_team_is_archived_or_suspended(team, job, status):
    trashed_clip(team, job, 400)
    Team.objects.filter(pk=team.pk).update(status=status)
    assert expire() == 0


def test_owners_set_how_long_the_trash_is_kept(owner, producer, team, job):
    browser, keep = client_of(owner), reverse("teams:retention")
    assert client_of(producer).post(keep, {"event_days": "", "trash_days": "7"}).status_code == 403
    assert browser.post(keep, {"event_days": "", "trash_days": "0"}).status_code == 422
    assert browser.post(keep, {"event_days": "", "trash_days": "7"}).status_code == 302
    assert Team.objects.get(pk=team.pk).trash_days == 7
    set_trash_days(owner, days=7)
    assert Event.objects.get(team=team, verb="kept_trash").facts == {"days": 7}
    trashed_clip(team, job, 8)
    assert expire() == 1


def test_files_are_removed_first_and_the_row_records_it_afterwards(team, job):
    clip = clip_to_remove(team, job)
    names = files_of(clip)
    assert are_stored(names) == {True}
    empty()
    assert are_stored(names) == {False}
    left = now(clip)
    assert (files_of(left), left.remove_at, left.check_at) == (["", "", ""], None, None)
    assert left.recipe() == clip.recipe()
    assert (left.sha256, left.saved_at, left.duration_ms) == (
        clip.sha256,
        clip.saved_at,
        clip.duration_ms,
    )
    event = Event.objects.get(verb="wiped")
    assert (event.subject_id, event.project_id, event.of_person) == (
        clip.public_id,
        clip.project_id,
        False,
    )
    empty()
    assert Event.objects.filter(verb="wiped").count() == 1


@pytest.mark.parametrize("removed", [0, 1, 3])
def test_a_removal_whose_worker_died_is_finished_by_another(team, job, removed):
    clip = clip_to_remove(team, job)
    (claimed,) = Clip.objects.claim_removals(limit=9)
    for name in files_of(clip)[:removed]:
        default_storage.delete(name)
    remove_files()
    assert now(clip).file, "it is claimed: somebody is at work on it"
    Clip.objects.filter(pk=claimed.pk).update(remove_at=timezone.now())
    remove_files()
    assert are_stored(files_of(clip)) == {False}
    assert now(clip).file == ""


def test_one_worker_claims_a_removal(team, job):
    clip_to_remove(team, job)
    assert [len(list(Clip.objects.claim_removals(limit=9))) for _ in range(2)] == [1, 0]


@pytest.mark.usefixtures("local_files")
def test_a_failed_removal_is_retried_and_blocks_no_other(team, job):
    stuck, other = clip_to_remove(team, job), clip_to_remove(team, job, 2)
    names = files_of(stuck)
    default_storage.save("in-the-way/file", ContentFile(b"It stays."))
    Clip.objects.filter(pk=stuck.pk).update(file="in-the-way")  # a folder that is not empty
    remove_files()
    assert (now(stuck).file, now(other).file) == ("in-the-way", "")
    assert now(stuck).remove_at > timezone.now()
    Clip.objects.filter(pk=stuck.pk).update(file=names[0], remove_at=timezone.now())
    remove_files()
    assert are_stored(names) == {False}


def test_a_full_pass_says_that_there_is_more_to_remove(team, job, monkeypatch):
    monkeypatch.setattr("apps.clips.workers.trash.CLIPS_PER_PASS", 2)
    for take in range(1, 4):
        clip_to_remove(team, job, take)
    assert [remove_files(), remove_files()] == [True, False]


def test_a_restored_clip_stays(team, job, creator):
    clip = trashed_clip(team, job, 29)
    restore(creator, clip)
    Clip.objects.filter(pk=clip.pk).update(saved_at=timezone.now() - timedelta(days=99))
    empty()
    assert are_stored(files_of(now(clip))) == {True}


def test_an_expired_clip_cannot_be_restored_even_before_its_files_are_removed(team, job, creator):
    clip = trashed_clip(team, job, 31)
    expire()
    with pytest.raises(DomainError, match="deleted"):
        restore(creator, clip)
    remove_files_of(now(clip))
    assert now(clip).trashed_at


def test_a_deleted_clip_is_not_checked(team, job):
    clip = clip_to_remove(team, job)
    Clip.objects.filter(pk=clip.pk).update(check_at=timezone.now())
    assert list(Clip.objects.claim_checks()) == []

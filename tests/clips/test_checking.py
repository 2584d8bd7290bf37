"""Our own check of clips for nudity, and the veil over what it flags."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.clips.models import Clip
from apps.clips.states import Nsfw
from apps.clips.workers import checking
from apps.teams.scoping import within
from tests.support.cases import case
from tests.support.factories import a_clip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _inside_the_team(team):
    with within(team):
        yield


def test_our_check_is_made_of_a_clip_once(team):
    clip = a_clip(team, check_at=timezone.now())
    (pk,) = Clip.objects.claim_checks()
    assert list(Clip.objects.claim_checks()) == []
    checking.check(Clip.objects.get(pk=pk))
    clip.refresh_from_db()
    assert clip.our_nsfw == Nsfw.CLEAR
    assert 0 <= clip.our_score < 0.5
    assert clip.check_at is None


def test_a_clip_whose_file_is_gone_stays_unknown_and_is_not_checked_for_ever(team):
    clip = a_clip(team, check_at=timezone.now())
    default_storage.delete(clip.file)
    checking.check(clip)
    clip.refresh_from_db()
    assert (clip.our_nsfw, clip.check_at) == (Nsfw.UNKNOWN, None)


VEILED = [
    (Nsfw.CLEAR, Nsfw.UNKNOWN, "undecided", False),
    (Nsfw.CLEAR, Nsfw.FLAGGED, "undecided", True),
    (Nsfw.FLAGGED, Nsfw.CLEAR, "approved", True),
    (Nsfw.UNKNOWN, Nsfw.UNKNOWN, "undecided", True),
    (Nsfw.UNKNOWN, Nsfw.UNKNOWN, "approved", False),
    (Nsfw.UNKNOWN, Nsfw.CLEAR, "undecided", False),
]


def test_flagged_and_unknown_unreviewed_clips_are_veiled(team):
    for vendors, ours, verdict, veiled in VEILED:
        with case((vendors, ours, verdict, veiled)):
            clip = a_clip(team, nsfw=vendors, our_nsfw=ours, verdict=verdict)
            assert clip.is_veiled is veiled


class KilledError(BaseException):
    """The end of the process, as a step can see it."""


def die(*_):
    raise KilledError


def test_a_check_that_kills_its_worker_is_not_made_again_at_once(team, monkeypatch):
    monkeypatch.setattr(checking, "nudity_of_clip", die)
    clip = a_clip(team, check_at=timezone.now())
    with suppress(KilledError):
        checking.check(clip)
    clip.refresh_from_db()
    assert clip.check_at > timezone.now() + timedelta(minutes=30)

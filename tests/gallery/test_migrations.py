"""Without a trash, what lies in it is shown again, and what is gone for good is a clip that was lost."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from apps.jobs.models import Clip
from apps.jobs.states import State
from apps.teams.scoping import everywhere
from tests.support.house import a_clip, a_job

pytestmark = pytest.mark.django_db


def test_on_the_way_back_what_is_gone_is_lost_and_the_rest_is_as_it_was(team):
    job, moment = a_job(team, State.SAVED, clips=0), timezone.now()
    lies = a_clip(team, job, trashed_at=moment)
    a_clip(team, job, number=1, trashed_at=moment, gone_at=moment)
    with everywhere():
        import_module("apps.jobs.migrations.0011_trash").gone_is_lost(apps, None)
        clips = Clip.objects.order_by("number").values_list("saved_at", "lost_at")
        assert list(clips) == [(lies.saved_at, None), (None, moment)]

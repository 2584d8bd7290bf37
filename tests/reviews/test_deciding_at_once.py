"""Two people who decide on one clip at the same moment: one decides, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.clips.models import Clip
from apps.clips.states import Verdict
from apps.reviews.models import Decision
from apps.reviews.services import Overtaken, decide
from apps.teams.scoping import within
from tests.support.factories import a_clip
from tests.support.threads import in_a_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(team):
    return a_clip(team)


def test_of_two_people_who_decide_at_the_same_moment_one_is_told_of_the_other(
    reviewer, producer, clip, for_threads
):
    barrier = Barrier(2)

    def press(deed) -> str:
        member, verdict = deed
        with within(member.team):
            barrier.wait(10)
            try:
                decide(member, clip, verdict, "Slower.", last_decision_seen=0)
            except Overtaken:
                return "overtaken"
            return str(verdict)

    def outcome(_) -> tuple[str, list[str]]:
        with within(clip.team):
            verdicts = Decision.objects.values_list("verdict", flat=True)
            return Clip.objects.get(pk=clip.pk).verdict, list(verdicts)

    deeds = [(reviewer, Verdict.APPROVED), (producer, Verdict.CHANGES)]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(in_a_thread(press), deeds))
        verdict, verdicts = pool.submit(in_a_thread(outcome), None).result()
    assert sorted(told) == sorted(["overtaken", verdict])
    assert verdicts == [verdict]


def test_a_decision_locks_its_clip_before_it_reads_the_last_decision(reviewer, clip):
    with (
        within(clip.team),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        decide(reviewer, clip, Verdict.APPROVED)
    asked = [one["sql"] for one in queries if one["sql"].startswith("SELECT")]
    assert f'FROM "{Clip._meta.db_table}"' in asked[0]
    assert ("FOR UPDATE" in asked[0]) == connection.features.has_select_for_update
    assert f'FROM "{Decision._meta.db_table}"' in asked[1]

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.jobs.fair_queue import Waiting, pick_fairly, pick_next_jobs
from apps.jobs.models import Job
from apps.jobs.states import State
from apps.jobs.workers.submitting import submit_due
from tests.support.factories import a_member, a_project

pytestmark = pytest.mark.django_db
PEOPLE = st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(1, 3))


def queues(counts: dict, urgent=frozenset()) -> list[Waiting]:
    """So many jobs of each (team, project, person), each person's older than the next one's."""
    rows, pk = [], 0
    for who, count in counts.items():
        for turn in range(1, count + 1):
            pk += 1
            rows.append(Waiting(pk, who, pk in urgent, turn))
    return rows


def sent_one_by_one(rows: list[Waiting], limit: int = 1) -> list[Waiting]:
    """The order in which jobs are sent, where each pass knows only what was sent before it."""
    left, served, order = {one.pk: one for one in rows}, [], []
    while left:
        order.extend(left.pop(pk) for pk in pick_fairly(left.values(), served, limit))
        served = [one.who for one in reversed(order)]
    return order


@pytest.mark.parametrize("limit", [1, 8], ids=["one a pass", "eight a pass"])
@given(counts=st.dictionaries(PEOPLE, st.integers(1, 20), min_size=1, max_size=6))
def test_nobody_waits_behind_anothers_hundred(limit, counts):
    order = [one.who for one in sent_one_by_one(queues(counts), limit)]
    teams = {team for team, _project, _person in counts}
    for who in counts:
        team, project, _person = who
        projects = {other[1] for other in counts if other[0] == team}
        people = {other for other in counts if other[:2] == (team, project)}
        # Each of the other teams, projects and people goes first at most once, round by round.
        assert order.index(who) < len(teams) * len(projects) * len(people)


@given(
    counts=st.dictionaries(PEOPLE, st.integers(1, 9), min_size=1, max_size=6),
    urgent=st.frozensets(st.integers(1, 54)),
    limit=st.integers(1, 8),
)
def test_a_teams_urgent_jobs_are_sent_first_and_every_job_is_sent(counts, urgent, limit):
    rows = queues(counts, urgent)
    order = sent_one_by_one(rows, limit)
    assert sorted(order) == sorted(rows)
    for team in {who[0] for who in counts}:
        flags = [one.is_urgent for one in order if one.who[0] == team]
        assert flags == sorted(flags, reverse=True)


def test_the_first_urgent_job_of_all_is_sent_first():
    rows = queues({(1, 1, 1): 3, (2, 1, 1): 3}, urgent={5})
    assert pick_fairly(rows, [], 2) == [5, 1]


def test_a_team_that_calls_everything_urgent_takes_turns_all_the_same():
    rows = queues({(1, 1, 1): 50, (2, 1, 1): 1}, urgent=set(range(1, 51)))
    assert [one.who[0] for one in sent_one_by_one(rows)][:3] == [1, 2, 1]


def test_one_persons_jobs_are_sent_in_the_order_of_ordering():
    order = sent_one_by_one(queues({(1, 1, 1): 9}))
    assert [one.pk for one in order] == list(range(1, 10))


def test_a_colleagues_one_job_does_not_wait_behind_a_hundred(vendor, team, job_in, account):
    account.lane.in_flight = 1
    account.lane.save()
    hundred, one = a_member(team).user, a_member(team).user
    for _ in range(20):
        job_in(State.QUEUED, created_by=hundred)
    theirs = job_in(State.QUEUED, created_by=one)
    for _ in range(2):
        submit_due(account.lane)
        Job.objects.filter(state=State.AT_VENDOR).update(state=State.SAVING)
    theirs.refresh_from_db()
    assert theirs.state == State.SAVING
    assert len(vendor.orders) == 2


def test_hundreds_of_waiting_jobs_take_three_queries(
    team, job_in, account, django_assert_max_num_queries
):
    first = job_in(State.QUEUED)
    projects = [a_project(team) for _ in range(5)]
    Job.objects.bulk_create(
        Job(
            team=team,
            project=projects[number % 5],
            image=first.image,
            account=account,
            state=State.QUEUED,
            next_step_at=first.next_step_at,
            is_urgent=number % 7 == 0,
            **first.recipe(),
        )
        for number in range(300)
    )
    with django_assert_max_num_queries(3):
        chosen = pick_next_jobs(account.lane, 8)
    assert len({job.project_id for job in chosen}) == 5


def test_a_lane_without_room_moves_no_rows(vendor, job_in, account, django_assert_max_num_queries):
    jobs = [job_in(State.QUEUED) for _ in range(5)]
    account.lane.paused_until = timezone.now() + timedelta(minutes=1)
    account.lane.save()
    before = set(Job.objects.values_list("pk", "next_step_at"))
    with django_assert_max_num_queries(0):
        assert submit_due(account.lane) == account.lane.paused_until
    assert set(Job.objects.values_list("pk", "next_step_at")) == before
    assert len(jobs) == 5

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.jobs import tasks
from apps.jobs.models import Job, Lane
from apps.jobs.models.lanes import (
    CIRCUIT_OPENS_AFTER,
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER,
    SHORTEST_PAUSE,
    fingerprint_of,
)
from apps.jobs.states import State
from apps.jobs.workers.submitting import submit_due
from apps.vendors.errors import TryLater
from tests.support.factories import a_team, an_account

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def lane(account) -> Lane:
    return account.lane


class Clock:
    """A clock that each taker reads a little wrong."""

    def __init__(self, monkeypatch) -> None:
        self.now = START
        monkeypatch.setattr(timezone, "now", lambda: self.now)


TAKERS = st.lists(
    st.tuples(st.floats(0, 30), st.floats(-2, 2), st.integers(1, 20)), min_size=1, max_size=25
)


@settings(max_examples=60)
@given(per_minute=st.sampled_from([1, 2, 7, 60, 500]), takers=TAKERS)
def test_a_bucket_never_grants_more_than_a_minutes_worth_and_its_burst(per_minute, takers):
    lane = Lane.objects.create(
        fingerprint=f"bucket {Lane.objects.count()}", orders_per_minute=per_minute
    )
    burst, true_time, granted = max(1.0, per_minute / 6), 0.0, []
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        for pause, skew, wanted in takers:
            true_time += pause
            clock.now = START + timedelta(seconds=true_time + skew)
            granted.append((true_time, Lane.objects.get(pk=lane.pk).take_tokens(wanted)))
    lane.delete()
    for first, (begin, _) in enumerate(granted):
        for last in range(first, len(granted)):
            window = granted[last][0] - begin + 4  # what clocks may differ by
            total = sum(count for _, count in granted[first : last + 1])
            assert total <= burst + per_minute * window / 60 + 1e-6


def test_takers_who_read_the_bucket_at_the_same_moment_share_it(lane):
    Lane.objects.update(orders_per_minute=60)
    lane.refresh_from_db()
    granted = []

    def another_is_quicker(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and not granted:
            granted.append(0)
            granted.append(Lane.objects.get(pk=lane.pk).take_tokens(7))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(another_is_quicker):
        granted.append(lane.take_tokens(7))
    assert granted == [0, 7, 3]


def test_tokens_that_were_not_used_can_be_used_later_but_fill_no_bucket_over(lane):
    Lane.objects.update(orders_per_minute=60)
    lane.refresh_from_db()
    assert lane.take_tokens(10) == 10
    lane.give_back(4)
    assert lane.take_tokens(10) == 4
    lane.give_back(500)
    assert lane.take_tokens(100) == 10


def test_an_empty_bucket_says_when_there_is_one_again(lane, monkeypatch):
    Lane.objects.update(orders_per_minute=2)
    lane.refresh_from_db()
    clock = Clock(monkeypatch)
    assert [lane.take_tokens(1), lane.take_tokens(1)] == [1, 0]
    assert lane.next_token_at() == START + timedelta(seconds=30)
    clock.now = lane.next_token_at()
    assert lane.take_tokens(5) == 1


def test_no_limit_is_no_limit(lane):
    assert lane.take_tokens(10**6) == 10**6


def test_two_accounts_with_one_key_share_a_lane_whatever_their_team(account):
    for other in (an_account(account.team), an_account(a_team())):
        other.set_key("the very same key")
        account.set_key("the very same key")
        assert other.lane == account.lane
    account.set_key("another key")
    assert other.lane != account.lane


def test_a_fingerprint_tells_keys_apart_and_tells_no_key():
    said = {
        fingerprint_of("wavespeed", "https://a.example", "key-1"),
        fingerprint_of("wavespeed", "https://a.example", "key-2"),
        fingerprint_of("wavespeed", "https://b.example", "key-1"),
        fingerprint_of("comet", "https://a.example", "key-1"),
    }
    assert len(said) == 4
    assert fingerprint_of("comet", "https://a.example/", "key-1") in said
    assert not any("key" in one for one in said)


def test_teams_that_share_a_key_share_its_limits(vendor, account, job_in):
    other = an_account(account.team)
    other.lane = account.lane
    other.save()
    Lane.objects.filter(pk=account.lane_id).update(in_flight=2)
    for each in (account, other, account, other):
        job_in(State.QUEUED, account=each)
    submit_due(Lane.objects.get(pk=account.lane_id))
    assert len(vendor.orders) == 2


def test_five_failures_in_a_row_open_the_circuit_ever_longer(lane):
    breaks = []
    for _ in range(CIRCUIT_OPENS_AFTER + 8):
        lane.record_failure("Out of order.")
        breaks.append(
            round((lane.paused_until - timezone.now()).total_seconds()) if lane.is_paused else 0
        )
        Lane.objects.update(paused_until=None)
    assert breaks[: CIRCUIT_OPENS_AFTER - 1] == [0] * (CIRCUIT_OPENS_AFTER - 1)
    assert breaks[CIRCUIT_OPENS_AFTER - 1 : CIRCUIT_OPENS_AFTER + 2] == [10, 20, 40]
    assert breaks[-1] == LONGEST_PAUSE.total_seconds()
    assert SHORTEST_PAUSE.total_seconds() == 10


def test_a_half_open_lane_tries_one_order_and_closes_when_it_is_accepted(vendor, lane, job_in):
    for _ in range(4):
        job_in(State.QUEUED)
    Lane.objects.update(failure_count=CIRCUIT_OPENS_AFTER, paused_until=timezone.now())
    submit_due(Lane.objects.get(pk=lane.pk))
    assert len(vendor.orders) == 1
    submit_due(Lane.objects.get(pk=lane.pk))
    assert len(vendor.orders) == 4


def test_a_half_open_lane_whose_one_try_fails_opens_again(vendor, lane, job_in):
    jobs = [job_in(State.QUEUED) for _ in range(3)]
    Lane.objects.update(failure_count=CIRCUIT_OPENS_AFTER, paused_until=timezone.now())
    vendor.trouble = TryLater("Still out of order.")
    submit_due(Lane.objects.get(pk=lane.pk))
    lane.refresh_from_db()
    assert (lane.is_paused, lane.failure_count, lane.last_error) == (
        True,
        CIRCUIT_OPENS_AFTER + 1,
        "Still out of order.",
    )
    assert Job.objects.filter(pk__in=[job.pk for job in jobs], submit_tries=0).count() == 2


@pytest.mark.parametrize(
    ("asked", "kept"), [(30, 30), (10**9, LONGEST_RETRY_AFTER.total_seconds()), (-5, None)]
)
def test_a_retry_after_is_bounded(lane, asked, kept):
    lane.record_failure("Slow down.", retry_after=asked)
    waits = lane.paused_until and round((lane.paused_until - timezone.now()).total_seconds())
    assert waits == kept


def test_a_shorter_pause_never_shortens_a_longer_one(lane):
    lane.record_failure("Slow down.", retry_after=60)
    until = lane.paused_until
    lane.record_failure("Slow down.", retry_after=1)
    lane.record_success()
    lane.refresh_from_db()
    assert (lane.paused_until, lane.failure_count) == (until, 0)


def test_a_lane_is_claimed_by_one_pass_and_by_another_when_that_one_died(lane):
    assert lane.claim("submitting_until", 30)
    assert not lane.claim("submitting_until", 30)
    assert lane.claim("polling_until", 30)
    Lane.objects.update(submitting_until=timezone.now())
    assert lane.claim("submitting_until", 30)


def test_a_pass_that_outlived_its_lease_releases_nothing(lane):
    lane.claim("submitting_until", 30)
    mine = Lane.objects.get(pk=lane.pk).submitting_until
    theirs = timezone.now() + timedelta(seconds=60)
    Lane.objects.update(submitting_until=theirs)
    lane.release_lease("submitting_until", mine)
    assert Lane.objects.get(pk=lane.pk).submitting_until == theirs
    lane.release_lease("submitting_until", theirs)
    assert Lane.objects.get(pk=lane.pk).submitting_until <= timezone.now()


def test_a_pass_with_nothing_to_do_keeps_its_lane_until_there_is_something(vendor, lane, job_in):
    job_in(State.QUEUED)
    until = timezone.now() + timedelta(seconds=40)
    Lane.objects.update(paused_until=until)
    lane.claim("submitting_until", 30)
    tasks.submit_due(lane.pk)
    assert Lane.objects.get(pk=lane.pk).submitting_until == until
    assert not Lane.objects.get(pk=lane.pk).claim("submitting_until", 30)

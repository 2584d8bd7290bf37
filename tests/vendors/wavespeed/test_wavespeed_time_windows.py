"""The time windows of the vendor's list that are read for jobs and for lost orders."""

from datetime import UTC, datetime, timedelta
from itertools import chain

from apps.vendors.types import JobQuery, MissingOrder
from apps.vendors.wavespeed.time_windows import (
    TimeWindow,
    window_of_order,
    windows_of_jobs,
    windows_of_orders,
)

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def job_queries(first: float, count: int, *, every: float) -> list[JobQuery]:
    """Jobs taken one after the other, from so many seconds after noon on."""
    return [
        JobQuery(
            vendor_job_id=f"{first}-{number}",
            accepted_at=NOON + timedelta(seconds=first + number * every),
            is_vendor_clock=True,
        )
        for number in range(count)
    ]


def sizes(*jobs: list[JobQuery], **options: bool) -> list[int]:
    return [len(ids) for _window, ids in windows_of_jobs(list(chain(*jobs)), **options)]


def test_few_jobs_minutes_apart_share_a_window():
    assert sizes(job_queries(0, 5, every=60)) == [5]


def test_jobs_hours_apart_have_separate_windows():
    assert sizes(job_queries(0, 3, every=1), job_queries(7200, 2, every=1)) == [3, 2]


def test_a_full_group_ends_at_a_short_gap():
    assert sizes(job_queries(0, 300, every=0.01), job_queries(30, 4, every=5)) == [300, 4]


def test_a_full_group_without_a_gap_stays_together():
    assert sizes(job_queries(0, 500, every=0.01)) == [500]


def test_close_jobs_only_share_a_window_where_that_is_asked():
    assert sizes(
        job_queries(0, 5, every=60), job_queries(30, 4, every=0.5), close_jobs_only=True
    ) == [4]


def test_the_halves_of_a_window_overlap_in_whole_seconds():
    whole = TimeWindow(NOON, NOON + timedelta(seconds=61.5))
    first, second = whole.halves
    assert (first.after, second.before) == (whole.after, whole.before)
    assert first.filter["created_before"] > second.filter["created_after"]


def test_halving_a_window_comes_to_an_end():
    window, parted = TimeWindow(NOON, NOON + timedelta(hours=3)), 0
    while halves := window.halves:
        window, parted = halves[0], parted + 1
    assert parted < 16


def test_the_window_of_several_orders_contains_each_orders_window():
    orders = [
        MissingOrder(reference="", image_url="", sent_at=NOON + timedelta(minutes=9 * n))
        for n in range(3)
    ]
    [whole] = windows_of_orders(orders)
    assert (whole.after, whole.before) == (
        window_of_order(orders[0]).after,
        window_of_order(orders[-1]).before,
    )


def test_the_distance_to_a_window_is_the_distance_to_its_nearer_end():
    window = TimeWindow(NOON, NOON + timedelta(minutes=10))
    far = [window.distance_to(NOON + timedelta(minutes=minute)) for minute in (-2, 0, 5, 10, 13)]
    assert [one.total_seconds() / 60 for one in far] == [2, 0, 0, 0, 3]

"""Which stretches of the vendor's history are listed for jobs that are asked about."""

from datetime import UTC, datetime, timedelta
from itertools import chain

from apps.vendors.types import JobQuery, MissingOrder
from apps.vendors.wavespeed.time_windows import (
    TimeWindow,
    window_of,
    windows_of_jobs,
    windows_of_orders,
)

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def asked(first: float, count: int, *, every: float) -> list[JobQuery]:
    """Jobs taken one after the other, from so many seconds after noon on."""
    return [
        JobQuery(
            vendor_job_id=f"{first}-{number}",
            taken_at=NOON + timedelta(seconds=first + number * every),
            is_vendor_clock=True,
        )
        for number in range(count)
    ]


def sizes(*jobs: list[JobQuery], **options: bool) -> list[int]:
    return [len(ids) for _window, ids in windows_of_jobs(list(chain(*jobs)), **options)]


def test_few_jobs_minutes_apart_share_a_window():
    assert sizes(asked(0, 5, every=60)) == [5]


def test_jobs_hours_apart_do_not():
    assert sizes(asked(0, 3, every=1), asked(7200, 2, every=1)) == [3, 2]


def test_a_crowd_does_not_have_those_listed_whom_nobody_asks_about():
    assert sizes(asked(0, 300, every=0.01), asked(30, 4, every=5)) == [300, 4]


def test_a_crowd_without_a_gap_stays_together():
    assert sizes(asked(0, 500, every=0.01)) == [500]


def test_of_any_jobs_among_many_only_those_taken_together_share_a_window():
    assert sizes(asked(0, 5, every=60), asked(30, 4, every=0.5), close_jobs_only=True) == [4]


def test_halves_leave_no_moment_out_though_the_filter_knows_whole_seconds_alone():
    whole = TimeWindow(NOON, NOON + timedelta(seconds=61.5))
    first, second = whole.halves
    assert (first.after, second.before) == (whole.after, whole.before)
    assert first.filter["created_before"] > second.filter["created_after"]


def test_parting_comes_to_an_end():
    window, parted = TimeWindow(NOON, NOON + timedelta(hours=3)), 0
    while halves := window.halves:
        window, parted = halves[0], parted + 1
    assert parted < 16


def test_the_window_of_orders_holds_that_of_each():
    orders = [
        MissingOrder(reference="", image_url="", sent_at=NOON + timedelta(minutes=9 * n))
        for n in range(3)
    ]
    [whole] = windows_of_orders(orders)
    assert (whole.after, whole.before) == (window_of(orders[0]).after, window_of(orders[-1]).before)


def test_a_moment_is_as_far_from_a_window_as_from_its_nearer_end():
    window = TimeWindow(NOON, NOON + timedelta(minutes=10))
    far = [window.far_from(NOON + timedelta(minutes=minute)) for minute in (-2, 0, 5, 10, 13)]
    assert [one.total_seconds() / 60 for one in far] == [2, 0, 0, 0, 3]

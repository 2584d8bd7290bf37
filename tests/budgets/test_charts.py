from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.budgets.charts import FULL, HEIGHT, bars, day_chart
from apps.budgets.months import Month
from apps.budgets.queries import Share
from tests.support.cases import case

AMOUNTS = st.decimals(0, 100_000, places=4)


def share(key, held, spent) -> Share:
    return Share(key, str(key), Decimal(held), Decimal(spent))


SCALES = [
    ("0", "1"),
    ("0.3", "1"),
    ("1", "1"),
    ("1.01", "2"),
    ("4.2", "5"),
    ("7", "10"),
    ("10", "10"),
    ("130", "200"),
]


def test_the_scale_ends_at_an_amount_that_reads_well():
    for most, top in SCALES:
        with case((most, top)):
            chart = day_chart(Month(2026, 2).days, [share(date(2026, 2, 3), 0, most)])
            assert chart.top == Decimal(top)


def test_every_day_has_a_column_and_days_without_orders_are_empty():
    chart = day_chart(Month(2026, 2).days, [share(date(2026, 2, 3), 1, 4)])
    assert len(chart.columns) == 28
    third = chart.columns[2]
    assert (third.spent, third.held, third.spent_top, third.held_top) == (800, 200, 200, 0)
    assert chart.highest == third
    assert chart.columns[3].share.used_usd == 0
    assert [day.day for day in chart.labels] == [1, 8, 15, 21, 28]


@given(st.lists(st.tuples(st.integers(1, 31), AMOUNTS, AMOUNTS), unique_by=lambda row: row[0]))
def test_no_column_leaves_the_drawing(rows):
    chart = day_chart(
        Month(2026, 1).days, [share(date(2026, 1, day), held, spent) for day, held, spent in rows]
    )
    assert all(-1 <= column.held_top <= column.spent_top <= HEIGHT for column in chart.columns)
    assert all(0 <= column.x <= chart.width - chart.bar for column in chart.columns)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS)))
def test_no_bar_is_longer_than_the_longest(rows):
    drawn = bars([share(number, held, spent) for number, (held, spent) in enumerate(rows)])
    assert all(0 <= bar.spent + bar.held <= FULL + 1 for bar in drawn)


MONTHS = [
    (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), Month(2026, 12)),
    (datetime.fromisoformat("2027-01-01T00:30:00+02:00"), Month(2026, 12)),
    (datetime(2027, 1, 1, tzinfo=UTC), Month(2027, 1)),
]


def test_a_month_is_one_of_utc():
    for moment, month in MONTHS:
        with case((moment, month)):
            assert Month.of(moment) == month


@given(st.integers(1971, 8999), st.integers(1, 12))
def test_months_follow_each_other_without_a_gap(year, number):
    month = Month(year, number)
    assert month.next.previous == month.previous.next == month
    assert month.end == month.next.start
    assert Month.parse(str(month)) == month
    assert Month.of(month.start) == Month.of(month.end - timedelta(microseconds=1)) == month


NO_MONTHS = ["", "2026", "2026-0", "2026-00", "2026-13", "0001-01", "9999-12", "2026-11-01", "x"]


def test_a_text_that_is_no_month_is_none():
    for text in NO_MONTHS:
        with case(text):
            assert Month.parse(text) is None

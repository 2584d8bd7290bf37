from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.paging import latest_first, newest_first
from apps.projects.models import Project
from apps.teams.scoping import within
from tests.support.factories import a_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def projects(team):
    made = [a_project(team) for _ in range(11)]
    with within(team):
        yield made[::-1]


MOST_PAGES = 50  # a page that repeats its cursor's row fails the test and does not loop for ever


def pages(size: int, page_of=newest_first):
    cursor = ""
    for _ in range(MOST_PAGES):
        page = page_of(Project.objects.all(), cursor, size=size)
        yield page.items
        cursor = page.next_cursor
        if not cursor:
            return
    pytest.fail("The last page never comes.")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(size=st.integers(1, 15))
def test_every_row_comes_once_newest_first_whatever_the_size_of_a_page(projects, size):
    assert [row for page in pages(size) for row in page] == projects


def test_rows_that_arrive_meanwhile_push_nothing_out(projects, team):
    first = newest_first(Project.objects.all(), "", size=4)
    a_project(team)
    rest = newest_first(Project.objects.all(), first.next_cursor, size=20)
    assert [*first.items, *rest.items] == projects


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rubbish=st.text(max_size=30)
    | st.sampled_from(["9" * 400, "-1", "1e3", "٣", "²", "\x00", "MjAyNg"])
)
def test_a_cursor_nobody_can_read_never_hurts(projects, rubbish):
    page = newest_first(Project.objects.all(), rubbish, size=3)
    assert list(page.items) in ([], projects[:3]) or rubbish.isdecimal()


def test_a_page_costs_one_query(projects, django_assert_num_queries):
    with django_assert_num_queries(1):
        newest_first(Project.objects.all(), str(projects[5].pk), size=3)


def test_the_last_page_of_a_list_says_so(projects):
    assert newest_first(Project.objects.all(), "", size=11).next_cursor == ""
    assert newest_first(Project.objects.all(), "", size=10).next_cursor != ""


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(size=st.integers(1, 12), steps=st.lists(st.integers(0, 1), min_size=11, max_size=11))
def test_rows_paged_by_time_come_once_each_even_when_several_share_a_time(projects, size, steps):
    moment = datetime(2026, 2, 28, 23, 59, 59, 999_999, UTC)
    for step, project in zip(steps, projects, strict=True):
        moment += step * timedelta(microseconds=1)
        project.created_at = moment
    Project.objects.bulk_update(projects, ["created_at"])
    wanted = sorted(projects, key=lambda one: (one.created_at, one.pk), reverse=True)
    assert [
        row for page in pages(size, partial(latest_first, by="created_at")) for row in page
    ] == wanted


@pytest.mark.parametrize(
    "rubbish", ["-", "1-", "-1", "9" * 30 + "-1", "1-" + "9" * 30, "1-2-3", "²-1", "x"]
)
def test_an_unreadable_cursor_of_a_page_by_time_means_the_first_page(projects, rubbish):
    assert (
        list(latest_first(Project.objects.all(), rubbish, by="created_at", size=11).items)
        == projects
    )


def test_the_page_after_a_row_never_begins_with_that_row(projects):
    first = newest_first(Project.objects.all(), "", size=1)
    second = newest_first(Project.objects.all(), first.next_cursor, size=1)
    assert [*first.items, *second.items] == projects[:2]

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from apps.jobs.models import Lane, VendorAccount
from apps.jobs.queries import broken_lanes
from apps.jobs.states import State
from apps.teams.scoping import within
from tests.support.factories import an_account, client_of

pytestmark = pytest.mark.django_db
ACCOUNTS = "/jobs/accounts/"
LIMITS = {"orders_per_minute": "60", "in_flight": "20", "moderation_limit": "5"}


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def open_circuit(account):
    now = timezone.now()
    Lane.objects.filter(pk=account.lane_id).update(
        failure_count=7,
        failing_since=now - timedelta(minutes=20),
        last_error="503 upstream",
        paused_until=now + timedelta(minutes=2),
    )
    return account


def limits_of(account):
    account = VendorAccount.objects.select_related("lane").get(pk=account.pk)
    return account.lane.orders_per_minute, account.lane.in_flight, account.moderation_limit


def test_a_vendor_is_connected_with_the_form_of_request_it_speaks(page, team):
    answer = page.post(
        ACCOUNTS, {"offer": "wavespeed/3", "name": "Newest", "key": "wsk-of-a-test-9876"}
    )
    assert answer.status_code == 302
    account = VendorAccount.objects.get(name="Newest")
    assert (account.kind, account.schema_version, account.key_hint) == ("wavespeed", "3", "9876")
    assertContains(page.get(ACCOUNTS), "current form: resolution and motion")


def test_a_key_is_not_shown_again_when_the_form_comes_back(page, account):
    answer = page.post(
        ACCOUNTS, {"offer": "comet/2", "name": account.name, "key": "sk-secret-of-a-test"}
    )
    assertContains(answer, "An account with this name already exists.", status_code=422)
    assertNotContains(answer, "sk-secret-of-a-test", status_code=422)


def test_an_account_tells_what_waits_what_is_at_work_and_what_was_moderated(page, account, job_in):
    for state in (State.QUEUED, State.QUEUED, State.AT_VENDOR, State.SUBMITTING, State.SAVED):
        job_in(state)
    job_in(State.AT_VENDOR).move(State.MODERATED)
    (row,) = page.get(ACCOUNTS).context["rows"]
    standing = row["standing"]
    assert (standing.waiting, standing.in_flight, standing.moderation.today) == (2, 2, 1)


def test_a_balance_says_when_it_was_asked_and_can_be_asked_again(page, account):
    assertContains(page.get(ACCOUNTS), "not checked yet")
    later = timezone.now() + timedelta(minutes=9)
    VendorAccount.objects.filter(pk=account.pk).update(
        balance=Decimal("12.34"), balance_at=timezone.now(), refresh_at=later
    )
    assertContains(page.get(ACCOUNTS), "$12.34")
    page.post(f"{ACCOUNTS}{account.pk}/refresh/")
    assert VendorAccount.objects.get(pk=account.pk).refresh_at < later


def test_a_vendor_that_names_no_balance_is_not_asked_for_one(page, team):
    an_account(team, kind="comet")
    answer = page.get(ACCOUNTS)
    assertContains(answer, "not available from this vendor")
    assertNotContains(answer, "Refresh")


def test_limits_are_kept(page, account):
    page.post(f"{ACCOUNTS}{account.pk}/limits/", LIMITS)
    assert limits_of(account) == (60, 20, 5)


def test_the_limits_of_a_level_are_taken_with_one_press(page, account):
    assertContains(page.get(ACCOUNTS), "500 per minute, 300 at once")
    page.post(f"{ACCOUNTS}{account.pk}/limits/", LIMITS | {"tier": "Silver"})
    assert limits_of(account) == (500, 300, 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [("in_flight", "-1"), ("orders_per_minute", "many"), ("moderation_limit", "0")],
)
def test_limits_that_make_no_sense_come_back_open_with_what_was_typed(
    page, account, team, field, value
):
    an_account(team)
    answer = page.post(f"{ACCOUNTS}{account.pk}/limits/", LIMITS | {field: value})
    assertContains(answer, f'name="{field}" value="{value}"', status_code=422)
    assertContains(answer, f'id="limits-{account.pk}" open', status_code=422)
    assert limits_of(account) == (0, 0, 10)


def test_who_cannot_connect_sees_the_figures_and_no_form(producer, account):
    answer = client_of(producer).get(ACCOUNTS)
    assertContains(answer, "Queued")
    assertNotContains(answer, f"{ACCOUNTS}{account.pk}/limits/")


def test_the_page_costs_the_same_for_one_account_and_for_five(
    page, team, account, django_assert_max_num_queries
):
    page.get(ACCOUNTS)
    with django_assert_max_num_queries(12) as few:
        page.get(ACCOUNTS)
    for _ in range(4):
        an_account(team)
    with django_assert_max_num_queries(len(few)):
        assert len(page.get(ACCOUNTS).context["rows"]) == 5


@pytest.mark.parametrize(
    "name", ["desk:home", "gallery:grid", "projects:list", "jobs:accounts", "reviews:queue"]
)
def test_every_page_tells_a_member_that_a_vendor_is_out_of_order(viewer, open_circuit, name):
    answer = client_of(viewer).get(reverse(name))
    assertContains(
        answer, "Jobs are waiting. Nothing is lost, and nothing is sent twice automatically."
    )
    assertContains(answer, "(503 upstream)")
    # A page that stays open looks again, and takes what that page shows of it.
    assertContains(answer, f'hx-get="{ACCOUNTS}" hx-select=".out-of-order"')


def test_the_banner_is_one_query_and_one_line_for_all_accounts_of_a_lane(
    team, open_circuit, django_assert_num_queries
):
    twin = an_account(team)
    VendorAccount.objects.filter(pk=twin.pk).update(lane=open_circuit.lane)
    with django_assert_num_queries(1):
        assert [account.lane_id for account in broken_lanes(team)] == [open_circuit.lane_id]


def test_neither_strangers_nor_other_teams_hear_of_it(open_circuit, stranger):
    assertNotContains(Client().get("/accounts/login/"), "nothing is lost")
    assertNotContains(client_of(stranger).get("/"), "nothing is lost")
    with within(stranger.team):
        assert broken_lanes(stranger.team) == []

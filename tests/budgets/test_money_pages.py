import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.budgets.models import Budget, LedgerEntry, Price
from apps.budgets.months import Month
from apps.budgets.services import charge, cost_of, hold
from apps.budgets.states import CostState
from apps.teams.roles import Role
from apps.teams.scoping import within
from tests.support.answers import put_away
from tests.support.cases import case
from tests.support.factories import (
    a_budget,
    a_member,
    a_project,
    a_purchase,
    a_refund,
    an_account,
    client_of,
)

pytestmark = pytest.mark.django_db
PRICE = Decimal("0.15")


@pytest.fixture
def client(producer):
    """The browser of somebody who watches the money."""
    return client_of(producer)


def buy(team, usd="0.15", *, charged=True, **fields) -> LedgerEntry:
    """Buy something, and have it charged."""
    with within(team):
        line = hold(a_purchase(team, **fields), None if usd is None else Decimal(usd))
        return charge(line.order, line.submission_number) if charged else line


def rows_of(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_an_overview_without_orders_explains_what_it_will_show(client):
    assertContains(client.get(reverse("budgets:overview")), "No orders in")


def test_the_overview_says_that_play_money_is_counted_where_there_is_a_sandbox(client, team):
    buy(team)
    account = an_account(team)
    assertNotContains(client.get(reverse("budgets:overview")), "play money")
    account.use_sandbox()
    account.save()
    assertContains(client.get(reverse("budgets:overview")), "play money")


def test_the_overview_says_what_was_spent_and_held_by_whom_for_what_and_where(
    client, team, creator
):
    project = a_project(team, name="Harbour")
    buy(team, "1.50", project=project, person=creator.user)
    buy(team, "0.25", charged=False, project=project, person=creator.user)
    response = client.get(reverse("budgets:overview"))
    for words in ("$1.50", "$0.25 on hold", "Harbour", str(creator.user), "WaveSpeedAI"):
        assertContains(response, words)


def test_the_overview_has_its_figures_as_tables(client, team):
    buy(team)
    page = client.get(reverse("budgets:overview"), {"vendor": "wavespeed"})
    (address,) = re.findall(r'href="(/money/lines\.csv[^"]*)"', page.content.decode())
    assert f"month={timezone.now():%Y-%m}" in address
    assert "vendor=wavespeed" in address
    assert len(rows_of(client.get(address.replace("&amp;", "&")))) == 2


def test_the_overview_is_filtered_by_its_url(client, team, creator):
    harbour, meadow = a_project(team, name="Harbour"), a_project(team, name="Meadow")
    buy(team, "1.50", project=harbour, person=creator.user)
    buy(team, "7.25", project=meadow)
    page = reverse("budgets:overview")
    for narrowed in ({"project": harbour.public_id}, {"person": creator.user.pk}):
        response = client.get(page, narrowed)
        assertContains(response, "$1.50")
        assertNotContains(response, "$7.25")
    assertContains(client.get(page, {"project": harbour.public_id, "vendor": "wavespeed"}), "$1.50")


def test_the_overview_shows_an_earlier_month(client, team):
    earlier = timezone.now() - timedelta(days=40)
    with within(team):
        LedgerEntry.objects.create(
            team=team, order=a_purchase(team).order, submission_number=1,
            kind="hold", usd=3, held=3, spent=0,
            vendor="wavespeed", account="Main", model="m", bought_at=earlier,
        )  # fmt: skip
    page = reverse("budgets:overview")
    assertNotContains(client.get(page), "$3.00")
    assertContains(client.get(page, {"month": str(Month.of(earlier))}), "$3.00")


INVALID_FILTERS = [
    {"month": "2026-13"},
    {"month": "0000-01"},
    {"month": "9999-12"},
    {"project": "x"},
    {"person": "9" * 30},
    {"vendor": "\0"},
    {"after": "x"},
    {"cost": "much"},
]


def test_invalid_filters_of_the_url_are_ignored(client, team):
    buy(team)
    for page, query in product(("overview", "ledger", "ledger_csv"), INVALID_FILTERS):
        with case((query, page)):
            response = client.get(reverse(f"budgets:{page}"), query)
            assert response.status_code == 200
            put_away(response)


def test_another_teams_money_is_on_no_page(client, team, stranger):
    project = a_project(stranger.team, name="Secret project")
    buy(stranger.team, "66.60", project=project)
    buy(team)
    for page in ("overview", "ledger", "prices", "budgets"):
        response = client.get(reverse(f"budgets:{page}"), {"project": project.public_id})
        assertNotContains(response, "66.60")
        assertNotContains(response, "Secret project")


def test_unknown_costs_are_counted_and_not_added(client, team):
    buy(team, None)
    buy(team, None)
    assertContains(client.get(reverse("budgets:overview")), "2 orders have an unknown cost")


def test_unknown_costs_link_to_their_ledger_entries(client, team):
    unknown, known = buy(team, None, account="Comet"), buy(team, "1.50", account="Wave")
    page = client.get(reverse("budgets:overview")).content.decode()
    address = html.unescape(re.search(r'href="(/money/lines/\?[^"]*cost=unknown[^"]*)"', page)[1])
    shown = client.get(address)
    assertContains(shown, "Unknown cost")
    assertContains(shown, reverse("budgets:cost", args=[unknown.pk]))
    assertNotContains(shown, str(known.order))
    rows = rows_of(client.get(reverse("budgets:ledger_csv"), {"cost": "unknown"}))
    assert {row["order"] for row in rows} == {str(unknown.order)}


def test_an_unknown_cost_is_entered_on_its_page_and_shown_in_the_ledger(client, team):
    line = buy(team, None)
    page = reverse("budgets:cost", args=[line.pk])
    assertContains(client.get(page), "Enter cost</button>")
    assertRedirects(client.post(page, {"usd": "0.35", "source": "the invoice of May"}), page)
    assertContains(client.get(page), "$0.35")
    assertNotContains(client.get(page), "Enter cost</button>")
    ledger = client.get(reverse("budgets:ledger"))
    for words in ("Cost entered", "+$0.35", "the invoice of May"):
        assertContains(ledger, words)
    assertNotContains(ledger, page)
    assertNotContains(client.get(reverse("budgets:overview")), "unknown cost")


def test_an_invalid_cost_comes_back_with_what_was_typed(client, team):
    page = reverse("budgets:cost", args=[buy(team, None).pk])
    for wrong in ({"usd": "-1"}, {"usd": "NaN"}, {"usd": ""}, {"source": ""}):
        with case(wrong):
            response = client.post(page, {"usd": "0.4321", "source": "a very good source"} | wrong)
            kept = "0.4321" if "source" in wrong else "a very good source"
            assertContains(response, kept, status_code=422)


def test_a_cost_that_is_known_or_not_charged_yet_has_no_form(client, team):
    for line, words in (
        (buy(team, "1.50"), "$1.50"),
        (buy(team, None, charged=False), "Not charged yet"),
    ):
        page = reverse("budgets:cost", args=[line.pk])
        assertContains(client.get(page), words)
        assertNotContains(client.get(page), "Enter cost</button>")
        assert client.post(page, {"usd": "1", "source": "x"}).status_code == 422


def test_a_chart_has_a_table_behind_it_and_says_its_highest_day(client, team):
    buy(team, "1.50")
    response = client.get(reverse("budgets:overview"))
    assertContains(response, "Show as table")
    today = timezone.now().strftime("%-d %B")
    assertContains(response, f"Highest on {today}: $1.50")


def test_a_refund_that_never_came_is_counted_as_spent(client, team):
    line = a_refund(team)
    page = reverse("budgets:overview")
    assertContains(client.get(page), "Refund missing</button>")
    answer = client.post(reverse("budgets:refund_missing", args=[line.pk]))
    assertRedirects(answer, f"{page}?month={Month.of(line.bought_at)}")
    assertNotContains(client.get(page), "Refund missing</button>")
    with within(team):
        assert cost_of([line.order])[line.order].state == CostState.CHARGED


def test_an_entry_that_is_no_refund_cannot_be_marked_missing(client, team):
    line = buy(team)
    response = client.post(reverse("budgets:refund_missing", args=[line.pk]))
    assertContains(response, "No refund is expected", status_code=422)


def test_the_ledger_is_read_page_by_page(client, team):
    for _ in range(30):
        buy(team)
    page = reverse("budgets:ledger")
    first = client.get(page)
    assertContains(first, "<tr>", count=51)
    older = re.search(r'href="(\?after=\d+)"', first.content.decode())[1]
    second = client.get(page + older)
    assertContains(second, "<tr>", count=11)
    assertContains(second, "Newest")


def test_the_ledger_is_exported_with_its_filters(client, team, creator):
    buy(team, "1.50", person=creator.user)
    buy(team, "7.25")
    response = client.get(reverse("budgets:ledger_csv"), {"person": creator.user.pk})
    assert response["Content-Disposition"] == 'attachment; filename="money-all.csv"'
    rows = rows_of(response)
    assert [(row["kind"], row["held"], row["spent"]) for row in rows] == [
        ("charge", "-1.5000", "1.5000"),
        ("hold", "1.5000", "0.0000"),
    ]


def test_the_export_has_every_entry_of_the_ledger(client, team, monkeypatch):
    monkeypatch.setattr("apps.core.csv_export.CHUNK_ROWS", 3)
    for _ in range(4):
        buy(team)
    assert len(rows_of(client.get(reverse("budgets:ledger_csv")))) == 8


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_export_is_a_formula(client, team, begin):
    name = f"{begin}HYPERLINK(1)"
    buy(team, project=a_project(team, name=name), account=name)
    for row in rows_of(client.get(reverse("budgets:ledger_csv"))):
        assert (row["project"], row["account"]) == (f"'{name}", f"'{name}")


def test_an_unknown_amount_is_an_empty_cell(client, team):
    buy(team, None)
    assert {row["usd"] for row in rows_of(client.get(reverse("budgets:ledger_csv")))} == {""}


@pytest.mark.django_db(transaction=True)
def test_the_server_of_the_product_streams_the_export(producer, team):
    line = buy(team)

    async def read() -> list[bytes]:
        client = AsyncClient()
        await client.aforce_login(producer.user)
        response = await client.get("/money/lines.csv")
        return [piece async for piece in response]

    heading, rows = async_to_sync(read)()
    assert heading.decode("utf-8-sig").startswith("bought_at,")
    assert rows.decode().count(str(line.order)) == 2


def test_a_price_is_set_on_its_page(client, team):
    page = reverse("budgets:prices")
    given = {"what": _key(client), "usd": "0.12", "source": "our contract"}
    assertRedirects(client.post(page, given), page)
    assertContains(client.get(page), "our contract")
    with within(team):
        assert Price.objects.get().usd == Decimal("0.12")


def _key(client) -> str:
    """What the form calls the first thing of the price book."""
    page = client.get(reverse("budgets:prices")).content.decode()
    return re.search(r'<option value="(\w+\|[^"]+)"', page)[1]


INVALID_PRICES = [
    ({"usd": "-1"}, "greater than or equal to 0"),
    ({"usd": "NaN"}, "Enter a number"),
    ({"usd": "1e30"}, "no more than"),
    ({"usd": "1000000"}, "no more than"),
    ({"what": "nobody|nothing|"}, "Select a valid choice"),
    ({"valid_from": "2001-01-01"}, "Past costs"),
]


def test_an_invalid_price_comes_back_with_what_was_typed(client):
    for wrong, words in INVALID_PRICES:
        with case((wrong, words)):
            given = {"what": _key(client), "usd": "0.12", "source": "a very good source"} | wrong
            response = client.post(reverse("budgets:prices"), given)
            assertContains(response, words, status_code=422)
            assertContains(response, "a very good source", status_code=422)


def test_a_price_of_tomorrow_is_shown_as_upcoming(client):
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d")
    given = {"what": _key(client), "usd": "0.12", "source": "mail", "valid_from": tomorrow}
    client.post(reverse("budgets:prices"), given)
    assertContains(client.get(reverse("budgets:prices")), "upcoming")


def test_budgets_are_set_changed_and_ended_on_their_pages(client, team):
    project, page = a_project(team, name="Harbour"), reverse("budgets:budgets")
    assertContains(client.get(page), "No budgets yet")
    given = {
        "scope": f"project:{project.pk}",
        "period": "total",
        "limit_usd": "100",
        "warn_percent": "80",
    }
    assertRedirects(client.post(page, given), page)
    with within(team):
        budget = Budget.objects.get()
    assertContains(client.get(budget.get_absolute_url()), 'value="100"')
    assertRedirects(
        client.post(budget.get_absolute_url(), {"limit_usd": "2", "warn_percent": "50"}), page
    )
    assertContains(client.get(page), "$0.00 of $2.00 (0 %)")
    client.post(reverse("budgets:end", args=[budget.public_id]))
    assertContains(client.get(page), "No budgets yet")
    assert client.get(budget.get_absolute_url()).status_code == 404


def test_the_same_budget_twice_comes_back_with_what_was_typed(client, team):
    a_budget(team)
    given = {"scope": "team", "period": "month", "limit_usd": "123", "warn_percent": "80"}
    response = client.post(reverse("budgets:budgets"), given)
    assertContains(response, "This budget already exists", status_code=422)
    assertContains(response, 'value="123"', status_code=422)


def test_another_teams_project_cannot_get_a_budget(client, stranger):
    given = {"scope": f"project:{a_project(stranger.team).pk}", "period": "month"}
    response = client.post(
        reverse("budgets:budgets"), given | {"limit_usd": "1", "warn_percent": "80"}
    )
    assertContains(response, "Select a valid choice", status_code=422)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("10", "Within the budget"),
        ("0.18", "Over 80 %"),
        ("0.15", "Used up"),
    ],
)
def test_a_budget_says_in_words_how_far_it_is_used(client, team, limit, words):
    buy(team)
    a_budget(team, limit_usd=Decimal(limit))
    assertContains(client.get(reverse("budgets:budgets")), words)
    alarmed = assertNotContains if limit == "10" else assertContains
    alarmed(client.get(reverse("budgets:overview")), words)


def test_a_budget_that_warns_early_says_at_what(client, team):
    buy(team)
    a_budget(team, limit_usd=Decimal("0.25"), warn_percent=50)
    for page in ("budgets", "overview"):
        assertContains(client.get(reverse(f"budgets:{page}")), "Over 50 %")


@pytest.mark.parametrize("page", ["overview", "ledger", "prices", "budgets"])
def test_a_page_costs_the_same_however_much_was_bought(
    client, team, page, django_assert_max_num_queries
):
    url = reverse(f"budgets:{page}")
    _much(team)
    client.get(url)
    with django_assert_max_num_queries(24) as one:
        client.get(url)
    for _ in range(4):
        _much(team)
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def _much(team) -> None:
    """One more of everything that a page about money shows."""
    member, project = a_member(team, Role.PRODUCER), a_project(team)
    buy(team, project=project, person=member.user)
    a_refund(team, project=project, person=member.user)
    a_budget(team, project=project, limit_usd=Decimal("0.16"))
    a_budget(team, person=member.user)
    with within(team):
        Price.objects.create(
            team=team,
            vendor="wavespeed",
            model="m",
            usd=PRICE,
            source="mail",
            created_by=member.user,
        )


@pytest.mark.parametrize(
    ("role", "seen"), [("owner", True), ("producer", True), ("creator", False)]
)
def test_the_money_pages_are_linked_for_people_who_may_open_them(request, role, seen):
    response = client_of(request.getfixturevalue(role)).get(reverse("desk:home"))
    (assertContains if seen else assertNotContains)(response, reverse("budgets:overview"))

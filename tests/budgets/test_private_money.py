"""Money is the team's and its sums are whole; of a hidden project there is a sum, and no name."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from apps.budgets.models import LedgerEntry
from apps.budgets.queries import shares
from apps.budgets.services import OverBudget, charge, hold
from apps.jobs.states import State
from apps.projects.queries import as_seen_by
from apps.teams.roles import Role
from apps.teams.scoping import everywhere, within
from tests.support.factories import (
    a_budget,
    a_job,
    a_member,
    a_private_project,
    a_project,
    a_purchase,
    a_refund,
    an_account,
    an_image,
    client_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def insider(team):
    return a_member(team, Role.PRODUCER)


@pytest.fixture
def secret(team, insider):
    return a_private_project(team, insider, name="Secret Launch")


@pytest.fixture
def clips_of_two_projects(team, secret):
    """A clip of an open project for 0.60, and two of a private one for 1.00 in all."""
    account = an_account(team)
    for project, price, clips in (
        (a_project(team, name="Harbour"), "0.60", 1),
        (secret, "1.00", 2),
    ):
        image = an_image(team, project)
        a_job(team, State.SAVED, clips=clips, image=image, account=account, price=Decimal(price))


def page(member, name, **query):
    return client_of(member).get(reverse(name), query)


@pytest.mark.usefixtures("clips_of_two_projects")
def test_monthly_sums_include_hidden_projects(owner, insider):
    for member in (owner, insider):
        assertContains(page(member, "budgets:overview"), "$1.60")


@pytest.mark.usefixtures("clips_of_two_projects")
def test_a_hidden_project_is_a_share_without_a_name(owner, insider):
    seen = page(owner, "budgets:overview")
    assertContains(seen, "Private projects")
    assertContains(seen, "Harbour")
    assertNotContains(seen, "Secret")
    assertContains(page(insider, "budgets:overview"), "Secret Launch")
    assertNotContains(page(insider, "budgets:overview"), "Private projects")


@pytest.mark.usefixtures("clips_of_two_projects")
def test_all_hidden_projects_are_one_share(team, owner):
    with within(team):
        hold(a_purchase(team, project=a_private_project(team, a_member(team))), Decimal("0.40"))
    with as_seen_by(owner):
        hidden = [one for one in shares(LedgerEntry.objects.all(), "project") if one.is_hidden]
    assert [(one.key, one.name, one.used_usd) for one in hidden] == [(None, "", Decimal("1.40"))]


@pytest.mark.usefixtures("clips_of_two_projects")
def test_a_ledger_entry_of_a_hidden_project_has_no_name_and_no_link(owner, insider, secret):
    with everywhere():
        order = LedgerEntry.objects.filter(project=secret).first().order
    seen = page(owner, "budgets:ledger")
    assertContains(seen, "a private project")
    assertNotContains(seen, "Secret")
    assertNotContains(seen, str(order))
    assertContains(page(insider, "budgets:ledger"), reverse("jobs:show", args=[order]))


def test_a_ledger_entry_of_a_hidden_project_shows_no_reason(team, owner, insider, secret):
    a_refund(team, project=secret)
    for name in ("budgets:overview", "budgets:ledger"):
        assertNotContains(page(owner, name), "The job failed.")
        assertContains(page(insider, name), "The job failed.")


def test_the_cost_of_a_hidden_projects_job_is_entered_without_a_name(team, owner, insider, secret):
    with within(team):
        bought = a_purchase(team, project=secret)
        hold(bought, None)
        line = charge(bought.order, 1)
    address = reverse("budgets:cost", args=[line.pk])
    assert (
        client_of(owner).post(address, {"usd": "0.40", "source": "our invoice"}).status_code == 302
    )
    seen = client_of(owner).get(address)
    assertContains(seen, "$0.40")
    for words in ("Secret", "our invoice", str(bought.order)):
        assertNotContains(seen, words)
    assertContains(client_of(insider).get(address), "our invoice")


def read(answer) -> list[dict[str, str]]:
    text = (b"".join(answer) if answer.streaming else answer.content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.usefixtures("clips_of_two_projects")
def test_the_csv_of_the_ledger_includes_hidden_projects_without_names(owner, insider):
    rows = read(page(owner, "budgets:ledger_csv"))
    assert {row["project"] for row in rows} == {"Harbour", "(a private project)"}
    assert {row["why"] for row in rows if row["project"] != "Harbour"} == {""}
    assert sum(Decimal(row["spent"]) for row in rows) == Decimal("1.60")
    assert {row["project"] for row in read(page(insider, "budgets:ledger_csv"))} == {
        "Harbour",
        "Secret Launch",
    }


@pytest.mark.usefixtures("clips_of_two_projects")
def test_the_cost_per_clip_covers_visible_projects_and_sums_up_the_rest(owner, insider):
    seen = page(owner, "reports:clips")
    assertContains(seen, "$1.00 went to private projects")
    assertContains(seen, "$0.60")
    assertNotContains(seen, "Secret")
    assertNotContains(page(insider, "reports:clips"), "went to private projects")


@pytest.mark.usefixtures("clips_of_two_projects")
def test_the_table_of_costs_has_the_same_sum_and_no_clips_of_hidden_projects(owner):
    rows = read(page(owner, "reports:clips_csv"))
    projects = {row["name"]: row for row in rows if row["by"] == "project"}
    assert set(projects) == {"Harbour", "(a private project)"}
    assert projects["(a private project)"]["spent"] == "1.0000"
    assert projects["(a private project)"]["saved_clips"] == ""
    vendors = [row for row in rows if row["by"] == "vendor"]
    assert [(row["spent"], row["saved_clips"]) for row in vendors] == [("0.6000", "1")]


def test_a_budget_of_a_hidden_project_can_be_raised_and_has_no_name(team, owner, insider, secret):
    budget = a_budget(team, project=secret)
    for address in (reverse("budgets:budgets"), budget.get_absolute_url()):
        assertNotContains(client_of(owner).get(address), "Secret")
        assertContains(client_of(insider).get(address), "Secret Launch")
    assertContains(page(owner, "budgets:budgets"), "A private project")
    client_of(owner).post(budget.get_absolute_url(), {"limit_usd": "7", "warn_percent": "50"})
    budget.refresh_from_db()
    assert budget.limit_usd == 7


def test_a_budget_that_is_used_up_names_no_hidden_project(team, owner, secret):
    a_budget(team, project=secret, limit_usd=0)
    seen = page(owner, "budgets:overview")
    assertContains(seen, "A private project, monthly")
    assertNotContains(seen, "Secret")


def test_the_teams_budget_counts_hidden_projects(team, owner, creator, secret):
    a_budget(team, limit_usd=Decimal("1.00"))
    with within(team):
        hold(a_purchase(team, project=secret), Decimal("0.90"))
    with as_seen_by(creator), pytest.raises(OverBudget, match=r"has only \$0\.10 of \$1"):
        hold(a_purchase(team), Decimal("0.20"))


def test_a_deleted_project_is_not_shown_as_private(team, owner, secret):
    with within(team):
        hold(a_purchase(team), Decimal("0.10"))
    seen = page(owner, "budgets:overview")
    assertContains(seen, "Deleted project")
    assertNotContains(seen, "Private projects")

from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from apps.budgets.services import charge, correct_cost, correctable_charge, refund
from apps.jobs.states import State
from apps.teams.scoping import within
from tests.support.factories import a_clip, a_job, a_project, an_image, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(producer):
    return client_of(producer)


@pytest.fixture
def harbour(team):
    return a_project(team, name="Harbour")


def charged_job(team, project, *, clips: int, price: str | None = "0.60"):
    """Return a charged job with so many saved clips; None is an unknown price."""
    image, usd = an_image(team, project), None if price is None else Decimal(price)
    return a_job(team, State.SAVED, clips=clips, image=image, project=project, price=usd)


def test_a_month_without_orders_says_so(client):
    assertContains(client.get(reverse("reports:clips")), "No spend in")


def test_the_cost_per_clip_is_spend_divided_by_saved_clips(client, team, harbour):
    charged_job(team, harbour, clips=4)
    charged_job(team, harbour, clips=1)
    page = client.get(reverse("reports:clips"))
    assertContains(page, "Harbour")
    assertContains(page, "$0.24")  # 1.20 by 5


def test_the_cost_per_clip_includes_charged_failures_and_deducts_refunds(client, team, harbour):
    charged_job(team, harbour, clips=1)
    image = an_image(team, harbour)
    kept, returned = (
        a_job(team, State.FAILED, image=image, project=harbour, price=Decimal("0.60"))
        for _ in range(2)
    )
    with within(team):
        for job in (kept, returned):
            charge(job.public_id, 1)
        refund(returned.public_id, 1, "failed")
    assertContains(client.get(reverse("reports:clips")), "$1.20")


def test_clips_of_unknown_cost_are_left_out(client, team, harbour, producer):
    charged_job(team, harbour, clips=2)
    job = charged_job(team, harbour, clips=4, price=None)
    page = client.get(reverse("reports:clips"))
    assertContains(page, "$0.30")  # 0.60 by 2
    assertContains(page, "4 clips are not included because their cost is unknown")
    assertContains(page, f'href="{reverse("budgets:ledger")}?cost=unknown')
    with within(team):
        correct_cost(producer, correctable_charge(job.public_id), Decimal("0.60"), "the invoice")
    page = client.get(reverse("reports:clips"))
    assertContains(page, "$0.20")  # 1.20 by 6
    assertNotContains(page, "left out")


def test_a_project_of_unknown_costs_has_no_cost_per_clip(client, team, harbour):
    charged_job(team, harbour, clips=4, price=None)
    page = client.get(reverse("reports:clips"))
    assertContains(page, "Harbour")
    assertContains(page, "price unknown")
    assertNotContains(page, "none saved")
    text = client.get(reverse("reports:clips_csv")).content.decode("utf-8-sig")
    assert "project,Harbour,0.0000,0,,4" in text


def test_a_joined_clip_does_not_count(client, team, harbour):
    job = charged_job(team, harbour, clips=1)
    a_clip(team, job, is_joined=True)
    page = client.get(reverse("reports:clips"))
    assertContains(page, "$0.60")
    assertNotContains(page, "$0.30")


def test_spend_without_a_saved_clip_is_shown(client, team, harbour):
    job = a_job(
        team, State.FAILED, image=an_image(team, harbour), project=harbour, price=Decimal("0.60")
    )
    with within(team):
        charge(job.public_id, 1)
    assertContains(client.get(reverse("reports:clips")), "none saved")


def test_a_month_of_the_url_is_shown_and_an_invalid_one_ignored(client, team, harbour):
    charged_job(team, harbour, clips=1)
    assertContains(client.get(reverse("reports:clips"), {"month": "2020-01"}), "No spend in")
    assertContains(client.get(reverse("reports:clips"), {"month": "soon"}), "Harbour")


def test_the_csv_of_clip_costs_holds_no_formulas(client, team):
    charged_job(team, a_project(team, name="=1+1"), clips=2)
    text = client.get(reverse("reports:clips_csv")).content.decode("utf-8-sig")
    assert "project,'=1+1,0.6000,2,0.3000,0" in text


def test_clip_costs_cost_the_same_queries_for_one_project_and_for_many(
    client, team, harbour, django_assert_max_num_queries
):
    charged_job(team, harbour, clips=1)
    for _ in range(4):
        charged_job(team, a_project(team), clips=2)
    with django_assert_max_num_queries(20):
        client.get(reverse("reports:clips"))

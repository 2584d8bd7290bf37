"""A cost that a person entered survives the way back, as the amount charged."""

from decimal import Decimal

import pytest
from django.db import connection

from apps.budgets.services import charge, correct_cost, hold, mark_refund_missing, refund
from apps.core.squashing import SingleExecutor
from apps.teams.scoping import everywhere
from tests.support.factories import a_purchase

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
OLD_NAMES = ("budgets", "0004_costs_told_afterwards")
NO_CORRECTIONS = ("budgets", "0003_live_prices")


@pytest.fixture
def migrate_back(transactional_db):
    """Give a function that goes back to a migration; afterwards the database is up to date."""

    def go(target: tuple[str, str]) -> list[tuple]:
        executor = SingleExecutor(connection)
        models = executor.migrate([target]).apps
        lines = models.get_model("budgets", "Line").objects.order_by("pk")
        return list(lines.values_list("kind", "usd", "spent"))

    yield go
    executor = SingleExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_an_entered_cost_becomes_the_charged_amount_on_the_way_back(team, producer, migrate_back):
    with everywhere():
        entry = charge(hold(a_purchase(team), None).order, 1)
        correct_cost(producer, entry, Decimal("0.35"), "the invoice")
    assert migrate_back(NO_CORRECTIONS) == [
        ("hold", None, 0),
        ("charge", Decimal("0.35"), Decimal("0.35")),
    ]


def test_kinds_have_their_old_names_on_the_way_back(team, producer, migrate_back):
    price = Decimal("0.15")
    with everywhere():
        entry = charge(hold(a_purchase(team), None).order, 1)
        correct_cost(producer, entry, price, "the invoice")
        order = charge(hold(a_purchase(team), price).order, 1).order
        mark_refund_missing(producer, refund(order, 1, "failed"))
    kinds = [kind for kind, _usd, _spent in migrate_back(OLD_NAMES)]
    assert kinds == ["hold", "charge", "stated", "hold", "charge", "refund", "missed"]

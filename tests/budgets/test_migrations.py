"""What was said of an unknown cost survives the way back, as what was charged."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.budgets.models import LedgerEntry
from apps.budgets.services import charge, correct_cost, hold
from apps.teams.scoping import everywhere
from tests.support.house import a_purchase

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def as_new_afterwards(transactional_db):
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.usefixtures("as_new_afterwards")
def test_what_was_said_becomes_what_was_charged_on_the_way_back(team, producer):
    with everywhere():
        line = charge(hold(a_purchase(team), None).order, 1)
        correct_cost(producer, line, Decimal("0.35"), "the invoice")
    MigrationExecutor(connection).migrate([("budgets", "0003_live_prices")])
    with everywhere():
        kept = LedgerEntry.objects.order_by("pk").values_list("kind", "usd", "spent")
        assert list(kept) == [("hold", None, 0), ("charge", Decimal("0.35"), Decimal("0.35"))]

"""A cost that a person entered survives the way back, as the amount charged."""

from decimal import Decimal

import pytest

from apps.budgets.services import charge, correct_cost, hold, mark_refund_missing, refund
from apps.teams.scoping import everywhere
from tests.support.database import as_it_was, migrate_to
from tests.support.factories import a_purchase

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
OLD_NAMES = ("budgets", "0004_costs_told_afterwards")
NO_CORRECTIONS = ("budgets", "0003_live_prices")


@pytest.fixture
def unchanged_afterwards(transactional_db):
    """Bring the database to where it was, whatever happens."""
    with as_it_was():
        yield


@pytest.mark.usefixtures("unchanged_afterwards")
def test_on_the_way_back_kinds_have_their_old_names_and_entered_costs_are_charges(team, producer):
    with everywhere():
        entry = charge(hold(a_purchase(team), None).order, 1)
        correct_cost(producer, entry, Decimal("0.35"), "the invoice")
        order = charge(hold(a_purchase(team), Decimal("0.15")).order, 1).order
        mark_refund_missing(producer, refund(order, 1, "failed"))
    kinds = [kind for kind, _usd, _spent in lines_at(OLD_NAMES)]
    assert kinds == ["hold", "charge", "stated", "hold", "charge", "refund", "missed"]
    assert lines_at(NO_CORRECTIONS)[:3] == [
        ("hold", None, 0),
        ("charge", Decimal("0.35"), Decimal("0.35")),
        ("hold", Decimal("0.15"), 0),
    ]


def lines_at(target: tuple[str, str]) -> list[tuple]:
    """Migrate back and return the kinds and amounts of the ledger."""
    lines = migrate_to([target]).get_model("budgets", "Line").objects.order_by("pk")
    return list(lines.values_list("kind", "usd", "spent"))

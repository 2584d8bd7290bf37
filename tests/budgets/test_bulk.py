from decimal import Decimal
from uuid import uuid4

import pytest

from apps.budgets.models import LedgerEntry
from apps.budgets.services import (
    charge,
    charge_all,
    cost_of,
    hold,
    hold_unconditionally,
    mark_refund_missing,
    refund,
    set_budget,
    void,
)
from apps.budgets.states import Kind, Period

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside")]
USD = Decimal("0.15")


def cost(purchase) -> tuple[str, Decimal, Decimal]:
    known = cost_of([purchase.order])[purchase.order]
    return str(known.state), known.held, known.spent


@pytest.fixture
def make_hold(purchase):
    def make(usd=USD, **changes):
        bought = purchase(**changes)
        hold(bought, usd)
        return bought

    return make


def test_many_are_charged_what_was_held_for_each(make_hold):
    bought = [make_hold(), make_hold(Decimal("0.48")), make_hold(None)]
    charge_all([(one.order, one.submission_number) for one in bought])
    assert [cost(one) for one in bought] == [
        ("charged", 0, USD), ("charged", 0, Decimal("0.48")), ("unknown", 0, 0),
    ]  # fmt: skip


def test_charging_many_again_changes_nothing(make_hold):
    bought = [make_hold(), make_hold()]
    for _ in range(2):
        charge_all([(one.order, 1) for one in (*bought, bought[0])])
    assert LedgerEntry.objects.filter(kind=Kind.CHARGE).count() == 2


def test_only_the_given_submissions_are_charged(make_hold, purchase):
    first = make_hold()
    second = purchase(order=first.order, submission_number=2)
    hold(second, USD)
    charge_all([(first.order, 2)])
    assert cost(first) == ("held", USD, USD)
    assert charge(first.order, 2).spent == USD
    assert LedgerEntry.objects.filter(kind=Kind.CHARGE).count() == 1


def test_a_voided_submission_that_is_delivered_is_charged(make_hold):
    bought = make_hold()
    void(bought.order, 1, "never arrived")
    charge_all([(bought.order, 1)])
    assert cost(bought) == ("charged", 0, USD)


def test_an_expected_refund_of_a_delivered_job_is_missing(make_hold, producer):
    bought = make_hold()
    charge(bought.order, 1)
    refund(bought.order, 1, "it failed")
    for _ in range(2):
        charge_all([(bought.order, 1)])
        assert cost(bought) == ("charged", 0, USD)
    mark_refund_missing(producer, LedgerEntry.objects.get(kind=Kind.REFUND))
    assert cost(bought) == ("charged", 0, USD)


def test_an_order_without_a_hold_is_not_charged():
    charge_all([(uuid4(), 1)])
    assert LedgerEntry.objects.count() == 0


def test_a_job_bought_already_is_held_whatever_the_budget(purchase, producer):
    set_budget(producer, period=Period.TOTAL, limit_usd=Decimal("0.01"))
    bought = purchase()
    for _ in range(2):
        hold_unconditionally(bought, USD)
    assert cost(bought) == ("held", USD, 0)

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.activity.models import Event
from apps.budgets.models import LedgerEntry
from apps.budgets.queries import Cost, expected_refunds, totals
from apps.budgets.services import (
    charge,
    correct_cost,
    cost_of,
    hold,
    mark_refund_missing,
    refund,
    void,
)
from apps.budgets.states import CostState, Kind
from apps.budgets.unpriced import unknown_cost_count
from apps.core.errors import DomainError, NotAllowed
from apps.teams.scoping import everywhere, within
from tests.support.cases import case
from tests.support.factories import a_project, a_team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside")]
PRICE = Decimal("0.15")
ZERO = Decimal(0)


@pytest.fixture
def order_on_hold(purchase):
    """Something for which 15 cents are on hold."""
    bought = purchase()
    hold(bought, PRICE)
    return bought.order


def kinds(order) -> list[str]:
    return list(
        LedgerEntry.objects.filter(order=order).order_by("pk").values_list("kind", flat=True)
    )


def test_a_hold_reserves_the_price_until_the_charge(order_on_hold):
    assert cost_of([order_on_hold]) == {order_on_hold: Cost(CostState.HELD, PRICE, ZERO)}
    charge(order_on_hold, 1)
    assert cost_of([order_on_hold]) == {order_on_hold: Cost(CostState.CHARGED, ZERO, PRICE)}


def test_a_vendor_may_charge_another_price_than_was_held(order_on_hold):
    charge(order_on_hold, 1, Decimal("0.21"), "discount ended")
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.CHARGED, ZERO, Decimal("0.21"))


def test_a_void_releases_the_hold(order_on_hold):
    void(order_on_hold, 1, "never left")
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.VOIDED, ZERO, ZERO)


def test_a_late_result_after_a_void_is_charged_all_the_same(order_on_hold):
    void(order_on_hold, 1, "given up")
    late = charge(order_on_hold, 1)
    assert (late.held, late.spent) == (ZERO, PRICE)
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.CHARGED, ZERO, PRICE)


def test_a_late_charge_can_be_refunded_and_its_refund_go_missing(order_on_hold, producer):
    void(order_on_hold, 1, "given up")
    charge(order_on_hold, 1)
    line = refund(order_on_hold, 1, "the clip could not be opened")
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.EXPECTED_REFUND, ZERO, ZERO)
    mark_refund_missing(producer, line)
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.CHARGED, ZERO, PRICE)


def test_a_missing_refund_is_spent(order_on_hold, producer):
    charge(order_on_hold, 1)
    line = refund(order_on_hold, 1, "the job failed")
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.EXPECTED_REFUND, ZERO, ZERO)
    mark_refund_missing(producer, line)
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.CHARGED, ZERO, PRICE)


def test_every_step_twice_is_one_step(order_on_hold, purchase, producer):
    hold(purchase(order=order_on_hold), Decimal(7))
    charge(order_on_hold, 1)
    charge(order_on_hold, 1, Decimal(9))
    line = refund(order_on_hold, 1, "failed")
    assert refund(order_on_hold, 1, "failed again") == line
    assert mark_refund_missing(producer, line) == mark_refund_missing(producer, line)
    assert kinds(order_on_hold) == ["hold", "charge", "refund", "refund_missing"]


def test_a_void_twice_is_one_void_even_after_a_late_charge(order_on_hold):
    first = void(order_on_hold, 1, "given up")
    charge(order_on_hold, 1)
    assert void(order_on_hold, 1, "again") == first


@pytest.mark.parametrize(
    ("deeds", "words"),
    [
        ([lambda order: charge(order, 2)], "Nothing is on hold"),
        ([lambda order: void(order, 2, "")], "Nothing is on hold"),
        ([lambda order: refund(order, 1, "")], "Nothing is charged"),
        ([lambda order: charge(order, 1), lambda order: void(order, 1, "")], "already charged"),
        (
            [lambda order: void(order, 1, ""), lambda order: refund(order, 1, "")],
            "Nothing is charged",
        ),
    ],
    ids=["charge-unheld", "void-unheld", "refund-uncharged", "void-charged", "refund-voided"],
)
def test_an_impossible_step_is_refused(order_on_hold, deeds, words):
    *before, last = deeds
    for deed in before:
        deed(order_on_hold)
    with pytest.raises(DomainError, match=words):
        last(order_on_hold)


def test_a_missing_refund_is_the_expected_amount_whichever_entry_is_chosen(order_on_hold, producer):
    charge(order_on_hold, 1, Decimal("0.21"), "discount ended")
    refund(order_on_hold, 1, "failed")
    mark_refund_missing(producer, LedgerEntry.objects.get(kind=Kind.HOLD))
    assert cost_of([order_on_hold])[order_on_hold].spent == Decimal("0.21")


def test_an_entry_is_not_overwritten_by_one_with_its_key(order_on_hold):
    line = LedgerEntry.objects.get()
    facts = {
        name: getattr(line, name)
        for name in ("team", "order", "vendor", "account", "model", "bought_at")
    }
    other = LedgerEntry(
        pk=line.pk, kind=Kind.HOLD, submission_number=2, usd=9, held=9, spent=0, **facts
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()
    with pytest.raises(DomainError, match="only ever added"):
        LedgerEntry.objects.bulk_create(
            [other], update_conflicts=True, update_fields=["usd"], unique_fields=["id"]
        )
    assert LedgerEntry.objects.get().usd == PRICE


def test_a_refund_that_is_not_expected_cannot_be_missing(order_on_hold, producer):
    with pytest.raises(DomainError, match="No refund"):
        mark_refund_missing(producer, charge(order_on_hold, 1))


@pytest.mark.parametrize("role", ["creator", "reviewer", "viewer"])
def test_only_producers_and_owners_mark_a_refund_as_missing(order_on_hold, role, request):
    charge(order_on_hold, 1)
    with pytest.raises(NotAllowed, match="producers and owners"):
        mark_refund_missing(request.getfixturevalue(role), refund(order_on_hold, 1, ""))


def test_each_submission_has_a_hold_of_its_own(order_on_hold, purchase):
    hold(purchase(order=order_on_hold, submission_number=2), PRICE)
    void(order_on_hold, 1, "never left")
    charge(order_on_hold, 2)
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.CHARGED, ZERO, PRICE)
    charge(order_on_hold, 1)  # it had left after all
    assert cost_of([order_on_hold])[order_on_hold] == Cost(CostState.CHARGED, ZERO, 2 * PRICE)


def test_an_unknown_price_stays_unknown(purchase):
    bought = purchase()
    assert hold(bought, None).usd is None
    assert cost_of([bought.order])[bought.order] == Cost(CostState.UNKNOWN)
    charge(bought.order, 1)
    assert cost_of([bought.order])[bought.order].state == CostState.UNKNOWN


def test_a_vendor_can_report_an_unknown_cost(purchase):
    bought = purchase()
    hold(bought, None)
    charge(bought.order, 1, PRICE)
    assert cost_of([bought.order])[bought.order] == Cost(CostState.CHARGED, ZERO, PRICE)


@pytest.fixture
def unpriced_charge(purchase):
    """The charge for something of which nobody knew the price."""
    return charge(hold(purchase(), None).order, 1)


def test_a_person_can_enter_an_unknown_cost(unpriced_charge, producer):
    line = correct_cost(producer, unpriced_charge, PRICE, "its invoice")
    assert (line.spent, line.why) == (PRICE, f"{producer.user}: its invoice")
    assert cost_of([line.order])[line.order] == Cost(CostState.CHARGED, ZERO, PRICE)
    assert kinds(line.order) == ["hold", "charge", "corrected"]
    event = Event.objects.get(verb="stated")
    assert (event.actor, event.subject_id, event.facts["usd"]) == (
        producer.user,
        line.order,
        "0.15",
    )


def test_a_cost_is_entered_once(unpriced_charge, producer):
    line = correct_cost(producer, unpriced_charge, PRICE, "its invoice")
    assert correct_cost(producer, unpriced_charge, PRICE, "its invoice") == line
    with pytest.raises(DomainError, match=r"already known: \$0\.15"):
        correct_cost(producer, unpriced_charge, Decimal(7), "another invoice")


def test_a_cost_is_entered_only_for_a_charge_of_unknown_amount(order_on_hold, purchase, producer):
    on_its_way = hold(purchase(), None)
    with pytest.raises(DomainError, match="not charged yet"):
        correct_cost(producer, on_its_way, PRICE, "a guess")
    with pytest.raises(DomainError, match="already known"):
        correct_cost(producer, charge(order_on_hold, 1), PRICE, "a guess")


@pytest.mark.parametrize("role", ["creator", "reviewer", "viewer"])
def test_only_producers_and_owners_enter_a_cost(unpriced_charge, role, request):
    with pytest.raises(NotAllowed, match="producers and owners"):
        correct_cost(request.getfixturevalue(role), unpriced_charge, PRICE, "a guess")


def test_an_entered_cost_is_refunded_and_spent_again_if_the_refund_is_missing(
    unpriced_charge, producer
):
    order = correct_cost(producer, unpriced_charge, PRICE, "its invoice").order
    line = refund(order, 1, "the clip could not be opened")
    assert cost_of([order])[order] == Cost(CostState.EXPECTED_REFUND, ZERO, ZERO)
    mark_refund_missing(producer, line)
    assert cost_of([order])[order] == Cost(CostState.CHARGED, ZERO, PRICE)


def test_entering_the_final_cost_settles_an_expected_refund(unpriced_charge, producer):
    refund(unpriced_charge.order, 1, "failed")
    assert expected_refunds(LedgerEntry.objects.all()).count() == 1
    correct_cost(producer, unpriced_charge, ZERO, "the vendor's list")
    assert expected_refunds(LedgerEntry.objects.all()).count() == 0
    assert cost_of([unpriced_charge.order])[unpriced_charge.order].spent == ZERO


def test_submissions_of_unknown_cost_are_counted_until_it_is_entered(
    unpriced_charge, purchase, producer
):
    void(hold(purchase(), None).order, 1, "never left")
    late = purchase()
    hold(late, None)
    void(late.order, 1, "given up")
    charge(late.order, 1)
    hold(purchase(), None)
    assert unknown_cost_count(LedgerEntry.objects.all()) == 3
    correct_cost(producer, unpriced_charge, PRICE, "its invoice")
    assert unknown_cost_count(LedgerEntry.objects.all()) == 2


def test_a_void_of_an_unknown_price_is_settled(purchase):
    bought = purchase()
    hold(bought, None)
    void(bought.order, 1, "never left")
    assert cost_of([bought.order])[bought.order] == Cost(CostState.VOIDED)


def test_the_cost_of_an_order_without_entries_is_unknown():
    order = uuid4()
    assert cost_of([order]) == {order: Cost(CostState.UNKNOWN)}


def test_many_orders_are_asked_for_in_one_query(order_on_hold, purchase, django_assert_num_queries):
    others = [purchase() for _ in range(5)]
    for other in others:
        hold(other, PRICE)
    with django_assert_num_queries(1):
        assert len(cost_of([order_on_hold, *(other.order for other in others)])) == 6


CHANGES = {
    "update": lambda: LedgerEntry.objects.update(usd=0),
    "delete": lambda: LedgerEntry.objects.all().delete(),
    "bulk update": lambda: LedgerEntry.objects.bulk_update(LedgerEntry.objects.all(), ["usd"]),
    "delete one": lambda: LedgerEntry.objects.get().delete(),
    "save one": lambda: LedgerEntry.objects.get().save(),
}


def test_a_ledger_entry_is_neither_changed_nor_deleted(order_on_hold):
    for name, change in CHANGES.items():
        with (
            case(name),
            pytest.raises(DomainError, match="only ever added"),
            transaction.atomic(),
        ):
            change()


IMPOSSIBLE = [
    {"kind": "gift"},
    {"kind": Kind.HOLD, "usd": -1, "held": -1},
    {"kind": Kind.HOLD, "held": -1},
    {"kind": Kind.HOLD, "spent": 1},
    {"kind": Kind.HOLD, "usd": None, "held": 1},
    {"kind": Kind.CHARGE, "held": 1, "spent": 1},
    {"kind": Kind.CHARGE, "held": 0, "spent": -1},
    {"kind": Kind.VOID, "held": 1},
    {"kind": Kind.REFUND, "held": 0, "spent": 1},
    {"kind": Kind.REFUND_MISSING, "held": 0, "spent": -1},
    {"kind": Kind.HOLD, "submission_number": 0},
    {"kind": Kind.CORRECTED, "usd": None, "held": 0, "spent": 0},
    {"kind": Kind.CORRECTED, "held": 1, "spent": 1},
]


def test_the_database_refuses_an_impossible_entry(team):
    sound = {
        "order": uuid4(),
        "submission_number": 1,
        "kind": Kind.HOLD,
        "usd": 1,
        "held": 1,
        "spent": 0,
    }
    for wrong in IMPOSSIBLE:
        with case(wrong), pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(team=team, bought_at=datetime.now(UTC), **sound | wrong)


def test_the_ledger_outlives_projects_and_people(purchase, team, creator):
    project = a_project(team)
    bought = purchase(project=project, person=creator.user)
    hold(bought, PRICE)
    project.delete()
    creator.user.delete()
    line = LedgerEntry.objects.get()
    assert (line.project, line.person, line.usd) == (None, None, PRICE)


def test_a_deleted_team_takes_its_ledger_along(order_on_hold, team):
    team.delete()
    with everywhere():
        assert not LedgerEntry.objects.filter(order=order_on_hold).exists()


def test_cents_add_up_exactly(purchase, team):
    for _ in range(30):
        hold(purchase(), Decimal("0.1"))
    assert totals(LedgerEntry.objects.all()).held == Decimal(3)


def test_another_teams_money_is_not_seen(order_on_hold):
    with within(a_team()):
        assert cost_of([order_on_hold]) == {order_on_hold: Cost(CostState.UNKNOWN)}
        with pytest.raises(DomainError, match="Nothing is on hold"):
            charge(order_on_hold, 1)

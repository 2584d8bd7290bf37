from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.activity.models import Event
from apps.budgets.models import Budget, LedgerEntry
from apps.budgets.queries import budget_uses, totals
from apps.budgets.services import (
    OverBudget,
    PricedOrder,
    budget_use,
    change_budget,
    charge,
    end_budget,
    hold,
    hold_all,
    refund,
    set_budget,
    void,
    warnings_for,
)
from apps.budgets.states import Kind, Level, Period
from apps.core.errors import DomainError, NotAllowed
from apps.teams.scoping import within
from tests.support.factories import a_project, a_purchase, a_team
from tests.support.threads import in_a_thread

PRICE = Decimal("0.15")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside")]


@pytest.fixture
def limit(producer):
    """Give a function that sets a budget, by default of the whole team and each month."""

    def make(usd, **fields) -> Budget:
        given = {"period": Period.MONTH, "limit_usd": Decimal(usd)} | fields
        return set_budget(producer, **given)

    return make


def in_an_earlier_month(team, usd: str) -> None:
    """Something bought forty days ago."""
    LedgerEntry.objects.create(
        team=team, order=uuid4(), submission_number=1, kind=Kind.HOLD, usd=usd, held=usd, spent=0,
        bought_at=timezone.now() - timedelta(days=40),
    )  # fmt: skip


def test_a_budget_refuses_the_purchase_that_exceeds_it(limit, purchase):
    limit("0.40")
    hold(purchase(), PRICE)
    charge(hold(purchase(), PRICE).order, 1)
    with pytest.raises(OverBudget):
        hold(purchase(), PRICE)
    assert LedgerEntry.objects.filter(kind=Kind.HOLD).count() == 2


def test_the_last_cent_may_be_spent(limit, purchase):
    budget = limit("0.30")
    hold(purchase(), PRICE)
    hold(purchase(), PRICE)
    assert (budget_use(budget).left_usd, budget_use(budget).level) == (0, Level.STOP)


def test_the_refusal_names_the_budget_its_rest_and_who_can_help(limit, purchase, team, producer):
    limit("0.20", project=(project := a_project(team, name="Harbour")))
    hold(purchase(project=project), PRICE)
    with pytest.raises(OverBudget) as stop:
        hold(purchase(project=project), PRICE)
    for words in ("Harbour (monthly)", "$0.05 of $0.20", "$0.15", f"{producer.user} can raise"):
        assert words in str(stop.value)


def test_voided_and_refunded_amounts_can_be_spent_again(limit, purchase):
    limit("0.15")
    void(hold(purchase(), PRICE).order, 1, "never left")
    bought = hold(purchase(), PRICE)
    charge(bought.order, 1)
    refund(bought.order, 1, "failed")
    hold(purchase(), PRICE)


def test_a_repeated_hold_passes_a_budget_that_is_used_up(limit, purchase):
    limit("0.15")
    bought = purchase()
    assert hold(bought, PRICE) == hold(bought, PRICE)


def test_every_budget_that_applies_is_checked(limit, purchase, team, creator):
    project = a_project(team)
    limit(100)
    limit(100, project=project)
    limit("0.10", person=creator.user, period=Period.TOTAL)
    with pytest.raises(OverBudget, match=str(creator.user)):
        hold(purchase(project=project, person=creator.user), PRICE)
    hold(purchase(project=project), PRICE)


def test_a_budget_of_one_project_does_not_stop_another(limit, purchase, team):
    limit("0.10", project=a_project(team))
    hold(purchase(project=a_project(team)), PRICE)
    hold(purchase(), PRICE)


def test_a_budget_of_another_team_stops_nobody(limit, purchase):
    limit("0.10")
    other = a_team()
    with within(other):
        hold(a_purchase(other), PRICE)


def test_a_purchase_of_an_earlier_month_counts_in_total_but_not_this_month(limit, purchase, team):
    month, total = limit(1), limit(1, period=Period.TOTAL)
    in_an_earlier_month(team, "0.90")
    assert (budget_use(month).used_usd, budget_use(total).used_usd) == (0, Decimal("0.90"))
    with pytest.raises(OverBudget, match="total"):
        hold(purchase(), PRICE)


def test_a_charge_in_a_later_month_counts_in_the_month_of_its_hold(limit, team):
    budget = limit(1)
    in_an_earlier_month(team, "0.90")
    void(LedgerEntry.objects.get().order, 1, "given up")
    assert budget_use(budget).used_usd == 0


def test_an_unknown_price_is_refused_by_every_budget(limit, purchase, team, producer):
    limit(100, project=(project := a_project(team, name="Harbour")))
    hold(purchase(), None)
    with pytest.raises(OverBudget) as stop:
        hold(purchase(project=project), None)
    for words in (
        "no known price",
        "Harbour (monthly) has $100.00",
        f"{producer.user} can enter",
    ):
        assert words in str(stop.value)
    assert stop.value.is_unpriced
    assert LedgerEntry.objects.count() == 1


def test_the_refusal_of_parts_names_the_price_of_all(limit, purchase):
    limit("0.40")
    with pytest.raises(
        OverBudget, match=r"The 3 parts cost \$0\.45.*has only \$0\.40 of \$0\.40 left"
    ):
        hold_all([PricedOrder([purchase() for _ in range(3)], PRICE)])
    assert hold_all([PricedOrder([purchase() for _ in range(2)], PRICE)]) == 1


def test_orders_of_two_projects_are_decided_together(limit, purchase, team):
    project = a_project(team)
    limit("0.40", project=project)
    order = partial(PricedOrder, price=PRICE)
    elsewhere = a_project(team)
    mine = [order([purchase(project=project)]) for _ in range(3)]
    others = [order([purchase(project=elsewhere)]) for _ in range(3)]
    assert hold_all([*others, *mine], up_to_budget=True) == 5
    assert LedgerEntry.objects.count() == 5


def test_a_free_order_is_never_refused(limit, purchase):
    limit(0)
    hold(purchase(), Decimal(0))


def test_a_charge_above_the_hold_can_leave_a_negative_rest(limit, purchase):
    budget = limit("0.20")
    charge(hold(purchase(), PRICE).order, 1, Decimal("0.30"))
    assert budget_use(budget).left_usd == Decimal("-0.10")
    with pytest.raises(OverBudget, match=r"\$0.00 of \$0.20 left"):
        hold(purchase(), PRICE)


@pytest.mark.parametrize(
    ("limit_usd", "level", "percent"),
    [
        ("0.18", Level.WARN, 83),
        ("0.1875", Level.WARN, 80),
        ("0.19", Level.FINE, 78),
        ("0.15", Level.STOP, 100),
    ],
)
def test_a_budget_warns_before_it_stops(limit, purchase, limit_usd, level, percent):
    budget = limit(limit_usd)
    hold(purchase(), PRICE)
    assert (budget_use(budget).level, budget_use(budget).percent) == (level, percent)


def test_warnings_are_of_budgets_that_apply(limit, purchase, team, creator):
    project = a_project(team)
    limit("0.16", project=project)
    limit("0.15", person=creator.user)
    hold(purchase(project=project, person=creator.user), PRICE)
    concerned = warnings_for(team, project, creator.user)
    assert [one.budget.target_name for one in concerned] == [str(creator.user), project.name]
    assert warnings_for(team, None, None) == []


def test_a_budget_warns_of_an_order_that_does_not_fit_though_much_is_left(limit, team):
    limit(100)
    assert warnings_for(team, None, None, price=Decimal(100)) == []
    for price in (Decimal(101), None):
        assert len(warnings_for(team, None, None, price=price)) == 1


def test_many_budgets_are_computed_in_one_query(limit, team, django_assert_num_queries):
    budgets = [limit(1), limit(2, period=Period.TOTAL), limit(3, project=a_project(team))]
    with django_assert_num_queries(1):
        assert [one.left_usd for one in budget_uses(budgets)] == [1, 2, 3]


def test_there_is_one_budget_for_each_scope_and_period(limit, team, creator):
    project = a_project(team)
    for scope in ({}, {"project": project}, {"person": creator.user}):
        limit(1, **scope)
        limit(1, period=Period.TOTAL, **scope)
        with pytest.raises(DomainError, match="This budget already exists"):
            limit(2, **scope)


def test_an_ended_budget_limits_nothing_and_makes_room_for_another(limit, purchase, producer):
    end_budget(producer, limit(0))
    hold(purchase(), PRICE)
    limit(1)


def test_a_raised_budget_applies_to_the_next_order_and_is_recorded(limit, purchase, producer):
    budget = limit("0.10")
    change_budget(producer, budget, limit_usd=Decimal(1), warn_percent=50)
    hold(purchase(), PRICE)
    event = Event.objects.filter(subject_id=budget.public_id).order_by("-pk")[0]
    assert (event.actor, event.verb, event.facts["limit"]) == (producer.user, "changed", "1")


@pytest.mark.parametrize("role", ["creator", "reviewer", "viewer"])
def test_only_producers_and_owners_set_budgets(limit, role, request):
    member, budget = request.getfixturevalue(role), limit(1)
    for deed in (
        lambda: set_budget(member, period=Period.TOTAL, limit_usd=Decimal(1)),
        lambda: change_budget(member, budget, limit_usd=Decimal(9), warn_percent=80),
        lambda: end_budget(member, budget),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_a_month_ends_at_midnight_utc(limit):
    budget = limit(1)
    (start, end) = (
        dict(budget.entry_filter().children)[f"bought_at__{edge}"] for edge in ("gte", "lt")
    )
    now = datetime.now(UTC)
    assert start <= now < end
    assert (start.day, start.hour, end.day, end.hour) == (1, 0, 1, 0)


@pytest.fixture
def a_limit_of_one_dollar(transactional_db, limit):
    return limit(1)


def test_simultaneous_orders_never_exceed_a_budget(
    a_limit_of_one_dollar, for_threads, team, purchase
):
    def buy(_) -> bool:
        with within(team):
            try:
                hold(purchase(), PRICE)
            except OverBudget:
                return False
        return True

    def sum_on_hold(_) -> Decimal:
        with within(team):
            return totals(LedgerEntry.objects.all()).held

    with ThreadPoolExecutor(6) as pool:
        bought = list(pool.map(in_a_thread(buy), range(24)))
        assert sum(bought) == 6
        assert pool.submit(in_a_thread(sum_on_hold), None).result() == Decimal("0.90")


def test_two_workers_that_settle_at_the_same_moment_settle_once(purchase, for_threads, team):
    bought = purchase()

    def settle(deed) -> str:
        with within(team):
            try:
                return deed()
            except DomainError:
                return ""

    def steps(_) -> tuple[Decimal, Decimal]:
        with within(team):
            sums = totals(LedgerEntry.objects.all())
            return sums.held, sums.spent

    deeds = [lambda: charge(bought.order, 1).kind, lambda: void(bought.order, 1, "late").kind] * 4
    with ThreadPoolExecutor(8) as pool:
        pool.submit(in_a_thread(lambda _: settle(lambda: hold(bought, PRICE).kind)), None).result()
        list(pool.map(in_a_thread(settle), deeds))
        assert pool.submit(in_a_thread(steps), None).result() == (0, PRICE)

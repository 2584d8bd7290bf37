"""Whatever happens in whatever order, the ledger adds up to what a few lines of Python say."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from apps.budgets.models import Line
from apps.budgets.queries import totals
from apps.budgets.services import (
    Purchase,
    charge,
    cost_of,
    hold,
    refund,
    refund_missed,
    state_cost,
    void,
)
from apps.core.errors import DomainError
from apps.teams.roles import Role
from apps.teams.scoping import everywhere
from tests.support.house import a_member, a_team

pytestmark = pytest.mark.django_db
ORDERS = st.sampled_from([UUID(int=number) for number in (1, 2)])
SENDINGS = st.sampled_from([1, 2])
PRICES = st.one_of(st.none(), st.decimals(0, 50, places=4))
NEEDS = {"charge": "hold", "void": "hold", "refund": "charge", "missed": "refund"}


def net(kinds: dict[str, Decimal | None]) -> tuple[Decimal, Decimal]:
    """What one sending has on hold, and what it has spent."""
    held = kinds["hold"] if set(kinds) == {"hold"} else 0
    is_back = "refund" in kinds and "missed" not in kinds
    steps = list(kinds)
    if "stated" in kinds:  # in the end: what came back before is counted in it
        is_back = is_back and steps.index("refund") > steps.index("stated")
    spent = 0 if is_back else kinds.get("stated", kinds.get("charge"))
    return Decimal(held or 0), Decimal(spent or 0)


class Ledger(RuleBasedStateMachine):
    """Any steps on several orders and sendings, beside a plain model of what they come to."""

    def __init__(self) -> None:
        super().__init__()
        self.open = everywhere()
        self.open.__enter__()
        self.team = a_team()
        self.boss = a_member(self.team, Role.OWNER)
        self.orders: dict[UUID, UUID] = {}
        self.model: dict[tuple[UUID, int], dict[str, Decimal | None]] = {}

    def teardown(self) -> None:
        Line.objects.filter(team=self.team)._raw_delete("default")
        self.open.__exit__(None, None, None)

    def step(self, what: str, key: tuple[UUID, int], price: Decimal | None, deed) -> None:
        """Do it, and hold its success against what the model allows."""
        kinds = self.model.setdefault(key, {})
        allowed = what in kinds or (
            NEEDS.get(what, what) in {*kinds, "hold" if what == "hold" else ""}
        )
        if what == "void" and "charge" in kinds and "void" not in kinds:
            allowed = False
        if what == "stated":
            is_open = "charge" in kinds and kinds["charge"] is None and "stated" not in kinds
            allowed = is_open or kinds.get("stated") == price
        try:
            deed()
        except DomainError:
            assert not allowed
        else:
            assert allowed
            kinds.setdefault(what, price)

    @rule(order=ORDERS, sending=SENDINGS, price=PRICES)
    def hold(self, order, sending, price) -> None:
        bought = Purchase(
            team=self.team, order=order, sending=sending, project=None, person=None,
            vendor="wavespeed", account="Main", model="m", resolution="",
        )  # fmt: skip
        self.step("hold", (order, sending), price, lambda: hold(bought, price))

    @rule(order=ORDERS, sending=SENDINGS, price=PRICES)
    def charge(self, order, sending, price) -> None:
        held = self.model.get((order, sending), {}).get("hold")
        cost = held if price is None else price
        self.step("charge", (order, sending), cost, lambda: charge(order, sending, price))

    @rule(order=ORDERS, sending=SENDINGS)
    def void(self, order, sending) -> None:
        self.step("void", (order, sending), None, lambda: void(order, sending, "why"))

    @rule(order=ORDERS, sending=SENDINGS)
    def refund(self, order, sending) -> None:
        self.step("refund", (order, sending), None, lambda: refund(order, sending, "why"))

    @rule(order=ORDERS, sending=SENDINGS)
    def miss(self, order, sending) -> None:
        line = Line.objects.filter(order=order, sending=sending).order_by("-pk").first()
        if line:
            self.step("missed", (order, sending), None, lambda: refund_missed(self.boss, line))

    @rule(order=ORDERS, sending=SENDINGS, price=st.decimals(0, 50, places=4))
    def say(self, order, sending, price) -> None:
        line = Line.objects.filter(order=order, sending=sending).order_by("-pk").first()
        if line:
            self.step(
                "stated",
                (order, sending),
                price,
                lambda: state_cost(self.boss, line, price, "mail"),
            )

    @invariant()
    def everything_adds_up(self) -> None:
        nets = {key: net(kinds) for key, kinds in self.model.items() if kinds}
        costs = cost_of({order for order, _ in nets})
        for order, cost in costs.items():
            mine = [amounts for (whose, _), amounts in nets.items() if whose == order]
            assert cost.held == sum(held for held, _ in mine)
            assert cost.spent == sum(spent for _, spent in mine)
            assert cost.held >= 0
        sums = totals(Line.objects.filter(team=self.team))
        assert sums.held == sum(held for held, _ in nets.values())
        assert sums.spent == sum(spent for _, spent in nets.values())


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)

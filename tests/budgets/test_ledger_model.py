"""Whatever happens in whatever order, the ledger adds up to what a few lines of Python say."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from apps.budgets.models import LedgerEntry
from apps.budgets.queries import totals
from apps.budgets.services import (
    Purchase,
    charge,
    correct_cost,
    cost_of,
    hold,
    mark_refund_missing,
    refund,
    void,
)
from apps.core.errors import DomainError
from apps.teams.roles import Role
from apps.teams.scoping import everywhere
from tests.support.factories import a_member, a_team

pytestmark = pytest.mark.django_db
ORDERS = st.sampled_from([UUID(int=number) for number in (1, 2)])
SUBMISSION_NUMBERS = st.sampled_from([1, 2])
PRICES = st.one_of(st.none(), st.decimals(0, 50, places=4))
NEEDS = {"charge": "hold", "void": "hold", "refund": "charge", "refund_missing": "refund"}


def net(kinds: dict[str, Decimal | None]) -> tuple[Decimal, Decimal]:
    """What one submission_number has on hold, and what it has spent."""
    held = kinds["hold"] if set(kinds) == {"hold"} else 0
    is_back = "refund" in kinds and "refund_missing" not in kinds
    steps = list(kinds)
    if "corrected" in kinds:  # in the end: what came back before is counted in it
        is_back = is_back and steps.index("refund") > steps.index("corrected")
    spent = 0 if is_back else kinds.get("corrected", kinds.get("charge"))
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
        LedgerEntry.objects.filter(team=self.team)._raw_delete("default")
        self.open.__exit__(None, None, None)

    def step(self, what: str, key: tuple[UUID, int], price: Decimal | None, deed) -> None:
        """Do it, and hold its success against what the model allows."""
        kinds = self.model.setdefault(key, {})
        allowed = what in kinds or (
            NEEDS.get(what, what) in {*kinds, "hold" if what == "hold" else ""}
        )
        if what == "void" and "charge" in kinds and "void" not in kinds:
            allowed = False
        if what == "corrected":
            is_open = "charge" in kinds and kinds["charge"] is None and "corrected" not in kinds
            allowed = is_open or kinds.get("corrected") == price
        try:
            deed()
        except DomainError:
            assert not allowed
        else:
            assert allowed
            kinds.setdefault(what, price)

    @rule(order=ORDERS, submission_number=SUBMISSION_NUMBERS, price=PRICES)
    def hold(self, order, submission_number, price) -> None:
        bought = Purchase(
            team=self.team, order=order, submission_number=submission_number,
            project=None, person=None,
            vendor="wavespeed", account="Main", model="m", variant="",
        )  # fmt: skip
        self.step("hold", (order, submission_number), price, lambda: hold(bought, price))

    @rule(order=ORDERS, submission_number=SUBMISSION_NUMBERS, price=PRICES)
    def charge(self, order, submission_number, price) -> None:
        held = self.model.get((order, submission_number), {}).get("hold")
        cost = held if price is None else price
        self.step(
            "charge",
            (order, submission_number),
            cost,
            lambda: charge(order, submission_number, price),
        )

    @rule(order=ORDERS, submission_number=SUBMISSION_NUMBERS)
    def void(self, order, submission_number) -> None:
        self.step(
            "void", (order, submission_number), None, lambda: void(order, submission_number, "why")
        )

    @rule(order=ORDERS, submission_number=SUBMISSION_NUMBERS)
    def refund(self, order, submission_number) -> None:
        self.step(
            "refund",
            (order, submission_number),
            None,
            lambda: refund(order, submission_number, "why"),
        )

    @rule(order=ORDERS, submission_number=SUBMISSION_NUMBERS)
    def miss(self, order, submission_number) -> None:
        line = (
            LedgerEntry.objects.filter(order=order, submission_number=submission_number)
            .order_by("-pk")
            .first()
        )
        if line:
            self.step(
                "refund_missing",
                (order, submission_number),
                None,
                lambda: mark_refund_missing(self.boss, line),
            )

    @rule(order=ORDERS, submission_number=SUBMISSION_NUMBERS, price=st.decimals(0, 50, places=4))
    def say(self, order, submission_number, price) -> None:
        line = (
            LedgerEntry.objects.filter(order=order, submission_number=submission_number)
            .order_by("-pk")
            .first()
        )
        if line:
            self.step(
                "corrected",
                (order, submission_number),
                price,
                lambda: correct_cost(self.boss, line, price, "mail"),
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
        sums = totals(LedgerEntry.objects.filter(team=self.team))
        assert sums.held == sum(held for held, _ in nets.values())
        assert sums.spent == sum(spent for _, spent in nets.values())


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)

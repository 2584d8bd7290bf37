"""Many orders at once: all or nothing, or up to the budget."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.budgets.models import LedgerEntry
from apps.budgets.services import OverBudget, set_budget
from apps.budgets.states import Period
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Chain, Job
from apps.jobs.states import State
from tests.support.factories import an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_for(image, account):
    def build(text: str, *, key: UUID | None = None, **facts) -> services.OrderRequest:
        return services.OrderRequest(
            idempotency_key=key or uuid4(), image=image, account=account, text=text, **facts
        )

    return build


@pytest.fixture
def budget(owner):
    """Room for two jobs of 0.15 USD, and not for three."""
    return set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("0.40"))


def test_many_orders_come_back_in_their_order_each_with_its_price_on_hold(creator, request_for):
    jobs = services.order_many(creator, [request_for(text) for text in ("Pan", "Zoom", "Tilt")])
    assert [job.prompt_text for job in jobs] == ["Pan", "Zoom", "Tilt"]
    assert {job.state for job in jobs} == {State.QUEUED}
    assert LedgerEntry.objects.filter(kind="hold").count() == 3


@pytest.mark.usefixtures("budget")
def test_a_budget_that_ends_half_way_leaves_nothing_ordered(creator, request_for):
    with pytest.raises(OverBudget):
        services.order_many(creator, [request_for(text) for text in ("Pan", "Zoom", "Tilt")])
    assert not Job.objects.exists()
    assert not LedgerEntry.objects.exists()


@pytest.mark.usefixtures("budget")
def test_orders_up_to_the_budget_are_kept_where_the_caller_asks_for_that(creator, request_for):
    requests = [request_for(text) for text in ("Pan", "Zoom", "Tilt", "Dolly")]
    jobs = services.order_many(creator, requests, up_to_budget=True)
    assert [job.prompt_text for job in jobs] == ["Pan", "Zoom"]
    assert Job.objects.count() == LedgerEntry.objects.count() == 2


def test_a_chain_needs_room_for_all_of_its_parts(creator, owner, request_for, team):
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("1.00"))
    comet = an_account(team, name="Comet", kind="comet")
    chain = replace(request_for("Zoom", further=["And on."]), account=comet)
    jobs = services.order_many(creator, [request_for("Pan"), chain], up_to_budget=True)
    assert [job.prompt_text for job in jobs] == ["Pan"]
    assert not Chain.objects.exists()


def test_one_refused_order_among_many_leaves_nothing_ordered(creator, owner, request_for, account):
    services.set_open(owner, account, is_open=False)
    account.refresh_from_db()
    with pytest.raises(DomainError):
        services.order_many(creator, [request_for("Pan"), request_for("Zoom")])
    assert not Job.objects.exists()


def test_the_same_key_and_content_twice_among_many_is_one_order(creator, request_for):
    key = uuid4()
    first, second = services.order_many(
        creator, [request_for("Pan", key=key), request_for("Pan", key=key)]
    )
    assert first == second
    assert Job.objects.count() == LedgerEntry.objects.count() == 1


def test_the_same_key_with_other_words_is_another_order(creator, request_for):
    key = uuid4()
    services.order_many(creator, [request_for("Pan", key=key), request_for("Zoom", key=key)])
    assert Job.objects.count() == 2


def test_twenty_orders_take_as_many_queries_as_two(creator, owner, request_for, team):
    set_budget(owner, period=Period.TOTAL, limit_usd=Decimal("99.00"))
    comet = an_account(team, name="Comet", kind="comet")

    def queries_of(count: int) -> int:
        requests = [
            replace(
                request_for(f"{count}.{number}", further=["On."], last_order_seen=0), account=comet
            )
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            services.order_many(creator, requests)
        return len(queries)

    queries_of(1)  # an earlier order, whose words are compared
    assert queries_of(2) == queries_of(20)
    assert LedgerEntry.objects.count() == Job.objects.count() == 2 * (1 + 2 + 20)

"""The same order from several tabs at the same moment is one order."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from apps.jobs import services
from apps.jobs.models import Job
from apps.teams.scoping import within
from tests.support.threads import in_a_thread

pytestmark = pytest.mark.django_db
TABS = 4


@pytest.fixture
def order_in_tabs(creator, image, account, for_threads):
    """Return a function that orders the same in many tabs at once; it returns all results."""
    barrier = Barrier(TABS)

    def order(idempotency_key: UUID) -> int | str:
        with within(creator.team):
            barrier.wait(10)
            try:
                request = services.OrderRequest(
                    idempotency_key=idempotency_key,
                    image=image,
                    account=account,
                    text="Pan",
                    parameters={},
                    last_order_seen=0,
                )
                return services.order(creator, request).pk
            except services.DuplicateOrder as fault:
                return str(fault)

    def count(_: object) -> int:
        with within(creator.team):
            return Job.objects.count()

    def run(*tickets: UUID) -> tuple[list[int | str], int]:
        with ThreadPoolExecutor(TABS) as pool:
            told = list(pool.map(in_a_thread(order), tickets))
            return told, pool.submit(in_a_thread(count), None).result()

    return run


def test_the_same_from_many_tabs_at_the_same_moment_is_ordered_once(order_in_tabs):
    told, jobs = order_in_tabs(*[uuid4() for _ in range(TABS)])
    assert jobs == 1
    assert len([words for words in told if "ordered exactly this" in str(words)]) == TABS - 1


def test_a_doubled_click_is_no_second_tab(order_in_tabs):
    told, jobs = order_in_tabs(*[uuid4()] * TABS)
    assert (len(set(told)), jobs) == (1, 1)
    assert isinstance(told[0], int)

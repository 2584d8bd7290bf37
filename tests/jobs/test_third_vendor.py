"""A vendor of another model family is one folder and one entry in the registry."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.budgets.services import cost_of
from apps.clips.models import Clip
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.forms import ExtendForm, OrderForm
from apps.jobs.models import Job, Output
from apps.jobs.states import State
from apps.jobs.workers import saving
from apps.jobs.workers.polling import poll_due
from apps.jobs.workers.submitting import submit_due
from apps.teams.scoping import within
from apps.vendors import registry
from apps.vendors.errors import Refused
from apps.vendors.types import StopResult
from tests.support.cases import case
from tests.support.factories import a_clip, a_film, an_account
from tests.vendors.third.client import OFFER, RIVERFILM, Riverfilm
from tests.vendors.third.server import serve_riverfilm

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    with serve_riverfilm(a_film()) as server:
        yield server


@pytest.fixture
def account(team, server, monkeypatch):
    monkeypatch.setitem(registry.VENDORS, RIVERFILM.kind, RIVERFILM)
    return an_account(team, kind=RIVERFILM.kind, base_url=server.base_url, is_sandbox=True)


@pytest.fixture
def order(creator, image, account):
    def place(**changes):
        given = {
            "idempotency_key": uuid4(),
            "image": image,
            "account": account,
            "text": "The river rises",
            "parameters": {"seconds": 8, "format": "9:16"},
        }
        return services.order(creator, services.OrderRequest(**given | changes))

    return place


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(next_step_at=timezone.now())


def test_an_order_of_another_model_family_becomes_a_paid_clip(order, account, server):
    job = order()
    assert job.price == Decimal("0.40")
    submit_due(account.lane)
    for _ in range(2):
        make_due(job)
        poll_due(account.lane)
    output = Output.objects.select_related("job__account__lane", "job__chain").get(job=job)
    saving.save(output)
    job.refresh_from_db()
    assert job.state == State.SAVED
    assert Clip.objects.of_order(job.public_id).count() == 1
    assert cost_of([job.public_id])[job.public_id].spent == Decimal("0.40")
    [sent] = server.orders
    assert (sent["text"], sent["seconds"], sent["format"]) == ("The river rises", 8, "9:16")


def test_an_offer_without_extensions_takes_no_order_in_parts(order):
    with pytest.raises(DomainError, match="Riverfilm"):
        order(further=["It falls again"])


def test_a_length_beyond_the_offer_is_refused(order):
    with pytest.raises(DomainError, match="Seconds"):
        order(parameters={"seconds": 11})


@pytest.fixture
def fill_form(team, project, image, account):
    """Give a function that fills in the order form of the account."""

    def fill(**changes) -> OrderForm:
        given = {
            "idempotency_key": str(uuid4()),
            "quoted_price": "0.40",
            "image": str(image.public_id),
            "account": account.pk,
            "text": "The river rises",
            "set_seconds": "8",
            "set_format": "9:16",
        }
        form = OrderForm(project, given | changes)
        form.is_valid()
        return form

    with within(team):
        yield fill


@pytest.fixture
def extendable(monkeypatch):
    """Let the vendor extend its clips by 4 seconds."""
    offer = replace(OFFER, extension_seconds=4, max_seconds=20)
    entry = replace(RIVERFILM, offers=(offer,))
    return lambda: monkeypatch.setitem(registry.VENDORS, RIVERFILM.kind, entry)


def test_a_number_with_a_fraction_is_ordered_through_the_form(fill_form):
    form = fill_form(set_grain="0.5")
    assert not form.errors
    assert form.cleaned_data["parameters"]["grain"] == 0.5
    for text, sentence in [("1.5", "less than or equal to 1"), ("much", "Enter a number")]:
        with case(text):
            assert sentence in str(fill_form(set_grain=text).errors["set_grain"])


def test_each_length_shows_its_own_price(fill_form):
    labels = dict(fill_form().fields["set_seconds"].choices)
    assert (labels["5"], labels["10"]) == ("5 · $0.25", "10 · $0.50")


def test_flags_in_a_prompt_are_refused_only_where_the_vendor_obeys_them(fill_form, team):
    assert not fill_form(text="The river -- or --lake-- rises --slow").errors
    midjourney = an_account(team)
    form = fill_form(account=midjourney.pk, text="The river rises --slow")
    assert "Remove --slow" in str(form.errors["text"])


def test_further_parts_follow_the_length_that_is_chosen(fill_form, extendable):
    extendable()
    for chosen, lengths in [("8", ["8", "12", "16", "20"]), ("10", ["10", "14", "18"])]:
        with case(chosen):
            field = fill_form(set_seconds=chosen).fields["length"]
            assert [seconds for seconds, _label in field.choices] == lengths


def test_a_clip_is_extended_from_its_own_length(order, extendable, team):
    job = order()
    extendable()
    with within(team):
        form = ExtendForm(a_clip(team, job), job)
        assert [seconds for seconds, _label in form.fields["length"].choices] == ["12", "16", "20"]


def test_a_base_client_answers_cannot_without_asking_the_vendor(server):
    async def ask_everything():
        client = Riverfilm(base_url=server.base_url, api_key="key", allow_private=True)
        async with client:
            assert await client.stop("film-1") is StopResult.UNSUPPORTED
            assert await client.delete_jobs(["film-1"]) == 0
            assert await client.balance() is None
            assert await client.price({}) is None
            assert await client.webhook_secret() == ""
            assert [page async for page in client.reports([])] == [{}]
            assert [page async for page in client.find_orders([])] == [{}]
            with pytest.raises(Refused, match="takes no uploads"):
                await client.upload("a.jpg", b"", "image/jpeg")

    asyncio.run(ask_everything())
    assert server.orders == []

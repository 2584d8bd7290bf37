from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.budgets.models import Price
from apps.budgets.services import price_book, price_of, record_live_price, set_price
from apps.core.errors import DomainError, NotAllowed
from apps.teams.scoping import within
from apps.vendors.offer import Offer, Parameter, Tariff
from tests.support.factories import a_team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inside")]
SD, HD = {"resolution": "480p"}, {"resolution": "720p"}
OFFER = Offer(
    vendor="acme",
    vendor_name="Acme",
    model="film",
    schema_version="1",
    schema_name="first",
    base_url="http://127.0.0.1:9",
    parameters=(
        Parameter(name="resolution", kind=str, default="480p", choices=("480p", "720p")),
        Parameter(name="mode", kind=str, default="fast", choices=("fast", "relax")),
    ),
    price_settings=("resolution",),
    model_setting="mode",
    models={"fast": "film", "relax": "film-relax"},
    tariffs=(
        Tariff(model="film", variant="480p", usd=Decimal("0.15"), source="Acme's page"),
        Tariff(model="film", variant="720p", usd=Decimal("0.48"), source="Acme's page"),
    ),
)
FLAT = Offer(
    vendor="flat",
    vendor_name="Flat",
    model="any",
    schema_version="1",
    schema_name="first",
    base_url="http://127.0.0.1:9",
    parameters=(),
    tariffs=(Tariff(model="any", variant="", usd=Decimal("0.6"), source="Flat's page"),),
)


def entry(variant="480p", model="film"):
    """A line of the price book of a team that has set nothing."""
    book = price_book(a_team(), [OFFER, FLAT])
    return next(one for one in book if (one.model, one.variant) == (model, variant))


@pytest.fixture
def put(producer):
    """Give a function that puts a price into the team's book."""

    def put(usd, variant="480p", **fields) -> Price:
        given = {"entry": entry(variant), "usd": Decimal(usd), "source": "our contract"} | fields
        return set_price(producer, **given)

    return put


def test_the_documented_price_holds_until_another_is_set(team, put):
    assert price_of(team, OFFER, SD) == Decimal("0.15")
    put("0.12")
    assert (price_of(team, OFFER, SD), price_of(team, OFFER, HD)) == (
        Decimal("0.12"),
        Decimal("0.48"),
    )


def test_the_newest_price_holds(team, put):
    put("0.12")
    put("0.13")
    assert price_of(team, OFFER, SD) == Decimal("0.13")


def test_a_price_of_tomorrow_does_not_hold_today(team, put):
    put("0.99", valid_from=timezone.now() + timedelta(days=1))
    assert price_of(team, OFFER, SD) == Decimal("0.15")


def test_nobody_sets_the_price_of_yesterday(put):
    with pytest.raises(DomainError, match="Past costs"):
        put("0.99", valid_from=timezone.now() - timedelta(days=1))


def test_a_model_nobody_has_a_price_for_is_unknown(team):
    assert price_of(team, OFFER, {"mode": "relax"} | SD) is None


def test_a_price_may_hold_for_every_resolution(team, producer):
    set_price(producer, entry=entry("", "any"), usd=Decimal("0.5"), source="mail")
    assert price_of(team, FLAT, {"resolution": "1080p"}) == Decimal("0.5")


def test_each_team_has_its_own_prices(put):
    put("0.12")
    other = a_team()
    with within(other):
        assert price_of(other, OFFER, SD) == Decimal("0.15")


def test_a_live_price_is_recorded_when_it_changes(team):
    assert record_live_price(team, OFFER, SD, Decimal("0.1500")) is None
    assert record_live_price(team, OFFER, SD, Decimal("0.14")).source == "Acme, live"
    assert record_live_price(team, OFFER, SD, Decimal("0.14")) is None
    assert price_of(team, OFFER, SD) == Decimal("0.14")


def test_a_first_live_price_of_a_model_is_recorded(team):
    relaxed = {"mode": "relax"} | SD
    record_live_price(team, OFFER, relaxed, Decimal("0.05"))
    assert price_of(team, OFFER, relaxed) == Decimal("0.05")


def test_a_persons_price_wins_over_live_prices(team, put):
    record_live_price(team, OFFER, SD, Decimal("0.20"))
    put("0.12")
    for usd in ("0.21", "0.20"):
        assert record_live_price(team, OFFER, SD, Decimal(usd))
        assert record_live_price(team, OFFER, SD, Decimal(usd)) is None
        (line,) = (
            one for one in price_book(team, [OFFER]) if (one.model, one.variant) == ("film", "480p")
        )
        assert price_of(team, OFFER, SD) == line.usd == Decimal("0.12")
        assert line.passed_over == Decimal(usd)
    put("0.13")
    assert price_of(team, OFFER, SD) == Decimal("0.13")


def test_a_persons_price_of_tomorrow_does_not_hide_todays_live_price(team, put):
    put("0.12", valid_from=timezone.now() + timedelta(days=1))
    record_live_price(team, OFFER, SD, Decimal("0.20"))
    assert price_of(team, OFFER, SD) == Decimal("0.20")


def test_the_price_book_has_every_model_that_can_be_ordered(team, put, producer):
    put("0.12")
    book = {(one.model, one.variant): one for one in price_book(team, [OFFER, FLAT])}
    assert {key: one.usd for key, one in book.items()} == {
        ("film", "480p"): Decimal("0.12"),
        ("film", "720p"): Decimal("0.48"),
        ("film-relax", "480p"): None,
        ("film-relax", "720p"): None,
        ("any", ""): Decimal("0.6"),
    }
    ours, theirs = book["film", "480p"], book["film", "720p"]
    assert (ours.source, ours.by) == ("our contract", producer.user)
    assert (theirs.source, theirs.since) == ("Acme's page", None)


def test_two_generations_of_a_model_share_an_entry(team):
    assert len(price_book(team, [OFFER, OFFER])) == 4


def test_the_price_book_is_read_in_one_query(team, put, django_assert_num_queries):
    put("0.12")
    put("0.13")
    with django_assert_num_queries(1):
        price_book(team, [OFFER, FLAT])


@pytest.mark.parametrize("role", ["creator", "reviewer", "viewer"])
def test_only_producers_and_owners_set_prices(role, request):
    with pytest.raises(NotAllowed, match="producers and owners"):
        set_price(request.getfixturevalue(role), entry=entry(), usd=Decimal(1), source="me")

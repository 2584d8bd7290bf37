from decimal import Decimal

import pytest

from apps.vendors.errors import Refused
from apps.vendors.offer import FailedJobCharge
from apps.vendors.parameters import check_parameters
from apps.vendors.types import Extension, Order
from apps.vendors.wavespeed.schema import CURRENT, FIRST, OFFERS, SECOND, body_of

IMAGE = "https://assets.example.test/in/harbour.png"


def order(**changes) -> Order:
    return Order(**{"image_url": IMAGE, "prompt": "slow dolly in", "parameters": {}, **changes})


def test_the_table_is_the_model_pages_table():
    table = [
        (p.name, p.kind, p.default, p.choices or (p.minimum, p.maximum)) for p in FIRST.parameters
    ]
    assert table == [
        ("resolution", str, "480p", ("480p", "720p")),
        ("aspect_ratio", str, "1:1", ("1:1", "4:3", "3:4", "2:3", "16:9", "1:2")),
        ("quality", float, 1, (0.25, 0.5, 1, 2)),
        ("stylize", int, None, (0, 1000)),
        ("chaos", int, None, (0, 100)),
        ("weird", int, None, (0, 3000)),
        ("version", str, "7", ("6", "6.1", "7")),
        ("niji", str, "close", ("close", "5", "6")),
        ("seed", int, -1, (-1, 2147483647)),
        ("enable_base64_output", bool, False, (None, None)),
    ]


def test_every_parameter_speaks_to_people():
    assert all(
        parameter.label and parameter.help for offer in OFFERS for parameter in offer.parameters
    )


def test_the_first_page_is_the_default_and_all_three_are_offered():
    assert [offer.schema_version for offer in OFFERS] == ["1", "2", "3"]
    assert len({offer.schema_name for offer in OFFERS}) == 3


def test_the_middle_page_is_the_first_one_with_one_shape_more():
    first = {parameter.name: parameter for parameter in FIRST.parameters}
    second = {parameter.name: parameter for parameter in SECOND.parameters}
    assert second.pop("aspect_ratio").choices == (*first.pop("aspect_ratio").choices, "9:16")
    assert second == first


def test_the_current_page_takes_an_image_words_a_resolution_and_a_motion():
    table = [(p.name, p.default, p.choices) for p in CURRENT.parameters]
    assert table == [("resolution", "480p", ("480p", "720p")), ("motion", "low", ("low", "high"))]


@pytest.mark.parametrize("offer", OFFERS)
def test_every_generation_says_what_the_vendor_can_do(offer):
    assert (offer.model, offer.takes_per_order, offer.extension_seconds) == (
        "midjourney/image-to-video",
        1,
        0,
    )
    assert offer.failed_job_charge is FailedJobCharge.REFUNDED_LATER
    assert offer.can_find_orders
    assert offer.has_balance
    assert offer.has_live_price
    assert offer.has_signed_webhooks
    assert (offer.retention_days, offer.min_poll_seconds) == (7, 2.0)


def test_the_tiers_are_those_of_the_vendors_page():
    tiers = [(tier.name, tier.orders_per_minute, tier.in_flight) for tier in FIRST.tiers]
    assert tiers == [
        ("Bronze", 2, 2),
        ("Silver", 500, 300),
        ("Gold", 3000, 3000),
        ("Ultra", 5000, 10_000),
    ]


def test_what_midjourneys_video_model_ignores_is_marked():
    marked = {parameter.name for parameter in SECOND.parameters if parameter.may_have_no_effect}
    assert marked == {"quality", "stylize", "chaos", "weird", "version", "niji"}


@pytest.mark.parametrize("offer", [FIRST, SECOND])
def test_a_price_is_known_for_every_resolution_and_says_who_named_it(offer):
    assert offer.tariff_for({"resolution": "480p"}).usd == Decimal("0.15")
    assert offer.tariff_for({"resolution": "720p"}).usd == Decimal("0.48")
    assert all("earlier version" in tariff.source for tariff in offer.tariffs)


def test_an_order_without_choices_is_the_pages_sample_made_whole():
    assert body_of(FIRST, order()) == {
        "image": IMAGE,
        "prompt": "slow dolly in",
        "resolution": "480p",
        "aspect_ratio": "1:1",
        "quality": 1,
        "stylize": 0,
        "chaos": 0,
        "weird": 0,
        "version": "7",
        "niji": "close",
        "seed": -1,
        "enable_base64_output": False,
    }


@pytest.mark.parametrize("ratio", ["9:16", "3:2", "2:1"])
def test_a_shape_the_page_does_not_list_is_refused(ratio):
    with pytest.raises(Refused, match="aspect_ratio"):
        check_parameters(FIRST, {"aspect_ratio": ratio})


def test_a_version_is_a_text_although_it_looks_like_a_number():
    with pytest.raises(Refused, match="version"):
        check_parameters(FIRST, {"version": 7})


@pytest.mark.parametrize(
    "image", ["", "  ", "harbour.png", "file:///etc/passwd", "data:image/png;base64,AA"]
)
def test_an_image_needs_an_address(image):
    with pytest.raises(Refused, match="address"):
        body_of(FIRST, order(image_url=image))


def test_an_order_needs_words():
    with pytest.raises(Refused, match="prompt"):
        body_of(FIRST, order(prompt=" \n"))


@pytest.mark.parametrize(
    ("prompt", "words"), [("slow dolly in", {"prompt": "slow dolly in"}), ("", {}), (" \n", {})]
)
def test_the_current_page_gets_exactly_its_own_keys(prompt, words):
    body = body_of(CURRENT, order(prompt=prompt, parameters={"motion": "high"}))
    assert body == {"image": IMAGE, "resolution": "480p", "motion": "high"} | words


@pytest.mark.parametrize(
    ("offer", "name"), [(FIRST, "motion"), (SECOND, "motion"), (CURRENT, "seed"), (CURRENT, "niji")]
)
def test_a_setting_of_another_generation_is_refused_and_not_dropped(offer, name):
    with pytest.raises(Refused, match=f"no parameter called “{name}”"):
        body_of(offer, order(parameters={name: "low"}))


@pytest.mark.parametrize("offer", OFFERS)
def test_a_clip_cannot_be_extended_here(offer):
    with pytest.raises(Refused, match="cannot extend"):
        body_of(offer, order(extends=Extension(vendor_job_id="x", number=0)))


@pytest.mark.parametrize("changes", [{"prompt": "a\ud800"}, {"image_url": IMAGE + "\udfff"}])
def test_half_a_character_is_refused_before_anything_is_sent(changes):
    with pytest.raises(Refused, match="half a character"):
        body_of(FIRST, order(**changes))

from decimal import Decimal

import pytest

from apps.vendors.errors import Refused
from apps.vendors.offer import FailedJobCharge
from apps.vendors.parameters import check_parameters
from apps.vendors.types import Extension, Order
from apps.vendors.wavespeed.schema import CURRENT, FIRST, OFFERS, SECOND, body_of
from tests.support.cases import case

IMAGE = "https://assets.example.test/in/harbour.png"


def order(**changes) -> Order:
    return Order(**{"image_url": IMAGE, "prompt": "slow dolly in", "parameters": {}, **changes})


def test_the_parameters_are_those_of_the_model_page():
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


def test_every_parameter_has_a_label_and_a_help_text():
    assert all(
        parameter.label and parameter.help for offer in OFFERS for parameter in offer.parameters
    )


def test_the_first_of_three_forms_is_the_default():
    assert [offer.schema_version for offer in OFFERS] == ["1", "2", "3"]
    assert len({offer.schema_name for offer in OFFERS}) == 3


def test_the_middle_form_has_one_shape_more_than_the_first():
    first = {parameter.name: parameter for parameter in FIRST.parameters}
    second = {parameter.name: parameter for parameter in SECOND.parameters}
    assert second.pop("aspect_ratio").choices == (*first.pop("aspect_ratio").choices, "9:16")
    assert second == first


def test_the_current_form_has_resolution_and_motion():
    table = [(p.name, p.default, p.choices) for p in CURRENT.parameters]
    assert table == [("resolution", "480p", ("480p", "720p")), ("motion", "low", ("low", "high"))]


def test_every_form_has_the_vendors_abilities():
    for offer in OFFERS:
        with case(offer):
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


def test_the_tiers_are_those_of_the_vendors_documents():
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


def test_every_resolution_has_a_price_with_a_source():
    for offer in [FIRST, SECOND]:
        with case(offer):
            assert offer.tariff_for({"resolution": "480p"}).usd == Decimal("0.15")
            assert offer.tariff_for({"resolution": "720p"}).usd == Decimal("0.48")
            assert all("earlier version" in tariff.source for tariff in offer.tariffs)


def test_an_order_without_choices_is_the_completed_sample():
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


def test_an_undocumented_shape_is_refused():
    for ratio in ["9:16", "3:2", "2:1"]:
        with case(ratio), pytest.raises(Refused, match="aspect_ratio"):
            check_parameters(FIRST, {"aspect_ratio": ratio})


def test_a_version_must_be_a_text():
    with pytest.raises(Refused, match="version"):
        check_parameters(FIRST, {"version": 7})


def test_an_image_needs_an_address():
    for image in ["", "  ", "harbour.png", "file:///etc/passwd", "data:image/png;base64,AA"]:
        with case(image), pytest.raises(Refused, match="address"):
            body_of(FIRST, order(image_url=image))


def test_an_order_needs_a_prompt():
    with pytest.raises(Refused, match="prompt"):
        body_of(FIRST, order(prompt=" \n"))


def test_the_current_form_has_exactly_its_own_keys():
    for prompt, words in [("slow dolly in", {"prompt": "slow dolly in"}), ("", {}), (" \n", {})]:
        with case((prompt, words)):
            body = body_of(CURRENT, order(prompt=prompt, parameters={"motion": "high"}))
            assert body == {"image": IMAGE, "resolution": "480p", "motion": "high"} | words


def test_a_setting_of_another_form_is_refused():
    for offer, name in [
        (FIRST, "motion"),
        (SECOND, "motion"),
        (CURRENT, "seed"),
        (CURRENT, "niji"),
    ]:
        unknown = f"no parameter called “{name}”"
        with case((offer.schema_version, name)), pytest.raises(Refused, match=unknown):
            body_of(offer, order(parameters={name: "low"}))


def test_a_clip_cannot_be_extended():
    for offer in OFFERS:
        with case(offer), pytest.raises(Refused, match="cannot extend"):
            body_of(offer, order(extends=Extension(vendor_job_id="x", number=0)))


def test_a_lone_surrogate_is_refused():
    for changes in [{"prompt": "a\ud800"}, {"image_url": IMAGE + "\udfff"}]:
        with case(changes), pytest.raises(Refused, match="half a character"):
            body_of(FIRST, order(**changes))

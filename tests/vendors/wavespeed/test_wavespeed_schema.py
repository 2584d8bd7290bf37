from decimal import Decimal

import pytest

from apps.vendors.errors import Refused
from apps.vendors.parameters import checked
from apps.vendors.types import Order
from apps.vendors.wavespeed.schema import OFFER, body_of

IMAGE = "https://assets.example.test/in/harbour.png"


def order(**changes) -> Order:
    return Order(**{"image_url": IMAGE, "prompt": "slow dolly in", "parameters": {}, **changes})


def test_the_table_is_the_model_pages_table():
    table = [(p.name, p.kind, p.default, p.choices or (p.minimum, p.maximum)) for p in OFFER.parameters]
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
    assert all(parameter.label and parameter.help for parameter in OFFER.parameters)


def test_what_midjourneys_video_model_ignores_is_marked():
    marked = {parameter.name for parameter in OFFER.parameters if parameter.may_have_no_effect}
    assert marked == {"quality", "stylize", "chaos", "weird", "version", "niji"}


def test_a_price_is_known_for_every_resolution():
    assert OFFER.prices == {"480p": Decimal("0.15"), "720p": Decimal("0.48")}


def test_an_order_without_choices_is_the_pages_sample_made_whole():
    assert body_of(order()) == {
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
        checked(OFFER, {"aspect_ratio": ratio})


def test_a_version_is_a_text_although_it_looks_like_a_number():
    with pytest.raises(Refused, match="version"):
        checked(OFFER, {"version": 7})


@pytest.mark.parametrize("image", ["", "  ", "harbour.png", "file:///etc/passwd", "data:image/png;base64,AA"])
def test_an_image_needs_an_address(image):
    with pytest.raises(Refused, match="address"):
        body_of(order(image_url=image))


def test_an_order_needs_words():
    with pytest.raises(Refused, match="prompt"):
        body_of(order(prompt=" \n"))

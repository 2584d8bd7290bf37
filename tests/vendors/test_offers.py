"""An offer whose facts don't fit together is refused when it is made."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.vendors.offer import Parameter, Tariff
from apps.vendors.registry import ENTRIES
from tests.support.cases import case
from tests.vendors.third.client import FORMAT, OFFER, SECONDS

RANGE = Parameter(name="seconds", kind=int, default=6, minimum=4, maximum=10)
TEXTS = Parameter(name="seconds", kind=str, default="6", choices=("5", "6"))
NO_DEFAULT = replace(SECONDS, default=None)


def with_formats(*formats: str) -> dict[str, object]:
    return {"parameters": (SECONDS, replace(FORMAT, default=formats[0], choices=formats))}


def tariff(variant: str, model: str = "river-2") -> Tariff:
    return Tariff(model=model, variant=variant, usd=Decimal("0.3"), source="Page")


BAD_OFFERS = [
    ({"parameters": (RANGE, FORMAT)}, "“seconds”, which needs choices"),
    ({"parameters": (RANGE, FORMAT), "price_settings": (), "tariffs": ()}, "length_setting names"),
    ({"parameters": (NO_DEFAULT, FORMAT)}, "“seconds”, which needs a default"),
    ({"parameters": (SECONDS, FORMAT, FORMAT)}, "“format” stands there 2 times"),
    ({"price_settings": ("size",)}, "price_settings names “size”, which is not among"),
    ({"shape_setting": "size"}, "shape_setting names “size”, which is not among"),
    ({"length_setting": "size"}, "length_setting names “size”, which is not among"),
    ({"model_setting": "size"}, "model_setting names “size”, which is not among"),
    ({"model_setting": "format", "models": {"1:1": "square"}}, "one model for each choice"),
    ({"models": {"1:1": "square"}}, "one model for each choice"),
    (with_formats("wide", "tall"), "the shape 'wide' must be width and height"),
    (with_formats("16:9", "0:1"), "the shape '0:1' must be width and height"),
    ({"tariffs": OFFER.tariffs[1:]}, "“river-2” has tariffs, but none for “4”"),
    ({"tariffs": (*OFFER.tariffs, tariff("12"))}, "a tariff names “12”, which no price setting"),
    ({"tariffs": (tariff("", "river-1"),)}, "a tariff names “river-1”, which is none"),
    ({"max_seconds": 9}, "max_seconds is 9, but a clip can have 10 s"),
    ({"parameters": (TEXTS, FORMAT), "tariffs": ()}, "length must be whole seconds"),
]


def test_an_offer_that_contradicts_itself_is_refused_with_a_sentence():
    for changes, sentence in BAD_OFFERS:
        with case(sentence), pytest.raises(ValueError, match=r"^Riverfilm, form 1: ") as caught:
            replace(OFFER, **changes)
        assert sentence in str(caught.value)


def test_one_price_for_all_choices_or_no_known_price_is_an_offer():
    for tariffs in [(tariff(""),), ()]:
        with case(tariffs):
            assert replace(OFFER, tariffs=tariffs).priced_parameters == OFFER.priced_parameters


def test_a_parameter_that_contradicts_itself_is_refused_with_a_sentence():
    for facts, sentence in [
        ({"kind": str, "maximum": 3}, "e: only a number has a minimum or a maximum"),
        ({"kind": bool, "minimum": 0}, "e: only a number has a minimum or a maximum"),
        ({"kind": int, "choices": ("4", "5")}, "e: '4' is no int"),
        ({"kind": int, "default": True}, "e: True is no int"),
        ({"kind": int, "choices": (4, 5), "default": 6}, "e: 6 is not among its choices"),
    ]:
        with case(facts), pytest.raises(ValueError, match=sentence):
            Parameter(name="e", **facts)


def test_a_length_that_was_not_chosen_is_the_default_of_its_setting():
    assert OFFER.seconds_of({}) == SECONDS.default
    assert OFFER.seconds_of({"seconds": 9}) == 9


def test_both_gateways_to_midjourney_say_that_flags_in_a_prompt_override_the_parameters():
    for entry in ENTRIES:
        for offer in entry.offers:
            with case((entry.kind, offer.schema_version)):
                assert offer.prompt_flags_override
    assert not OFFER.prompt_flags_override

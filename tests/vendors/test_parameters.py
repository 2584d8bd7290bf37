import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vendors.errors import Refused
from apps.vendors.offer import Offer, Parameter
from apps.vendors.parameters import BadParameter, check_parameters, check_value
from tests.support.cases import case

SIZE = Parameter(name="size", kind=str, default="s", choices=("s", "l"), label="Size")
DETAIL = Parameter(name="detail", kind=float, default=1, choices=(0.5, 1, 2))
TASTE = Parameter(name="taste", kind=int, unset=0, minimum=0, maximum=10)
LOOP = Parameter(name="loop", kind=bool, default=False)
OFFER = Offer(
    vendor="acme",
    vendor_name="Acme",
    model="video",
    schema_version="1",
    schema_name="First",
    base_url="https://acme.example.test",
    parameters=(SIZE, DETAIL, TASTE, LOOP),
)

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none())


def test_missing_parameters_get_their_defaults_in_the_offers_order():
    assert list(check_parameters(OFFER, {}).items()) == [
        ("size", "s"),
        ("detail", 1),
        ("taste", 0),
        ("loop", False),
    ]


def test_none_counts_as_not_chosen():
    assert check_parameters(OFFER, {"size": None})["size"] == "s"


def test_a_parameter_without_default_and_without_value_is_left_out():
    offer = replace(OFFER, parameters=(Parameter(name="end", kind=str),))
    assert check_parameters(offer, {}) == {}


def test_an_unknown_parameter_is_never_sent():
    with pytest.raises(BadParameter, match="Acme has no parameter called “motion”") as caught:
        check_parameters(OFFER, {"motion": "low"})
    assert caught.value.field == "motion"


def test_a_bad_value_is_refused_with_a_sentence():
    cases = [
        (SIZE, "xl", r"Size \(size\) must be one of s, l\."),
        (SIZE, 5, r"Size \(size\) must be a text\."),
        (DETAIL, 0.7, r"detail must be one of 0\.5, 1, 2\."),
        (DETAIL, "1", r"detail must be a number\."),
        (DETAIL, True, r"detail must be a number\."),
        (DETAIL, math.nan, r"detail must be a number\."),
        (TASTE, 11, r"taste must be a whole number from 0 to 10\."),
        (TASTE, -1, r"taste must be a whole number from 0 to 10\."),
        (TASTE, 1.5, r"taste must be a whole number\."),
        (TASTE, True, r"taste must be a whole number\."),
        (LOOP, 1, r"loop must be true or false\."),
        (LOOP, "false", r"loop must be true or false\."),
    ]
    for parameter, given_, sentence in cases:
        line = (parameter.name, given_, sentence)
        with case(line), pytest.raises(Refused, match=f"^{sentence}$"):
            check_value(parameter, given_)


def test_a_value_goes_out_in_the_type_the_vendor_expects():
    for parameter, given_, sent in [
        (TASTE, 4.0, 4),
        (DETAIL, 1.0, 1),
        (DETAIL, 2, 2),
        (LOOP, True, True),
    ]:
        with case((parameter, given_, sent)):
            value = check_value(parameter, given_)
            assert (value, type(value)) == (sent, type(sent))


def test_a_range_may_have_one_end_only():
    for low, high, sentence in [(None, 3, "e must be 3 or less"), (5, None, "e must be 5 or more")]:
        with case((low, high, sentence)), pytest.raises(BadParameter, match=sentence):
            check_value(Parameter(name="e", kind=int, minimum=low, maximum=high), 4)


@given(st.dictionaries(st.sampled_from(["size", "detail", "taste", "loop", "other"]), ANYTHING))
def test_random_parameters_are_refused_or_become_documented_values(values):
    try:
        sent = check_parameters(OFFER, values)
    except BadParameter:
        assert "other" in values or any(value is not None for value in values.values())
        return
    assert sent.keys() == {"size", "detail", "taste", "loop"}
    assert sent["size"] in {"s", "l"}
    assert sent["detail"] in {0.5, 1, 2}
    assert type(sent["taste"]) is int
    assert 0 <= sent["taste"] <= 10
    assert type(sent["loop"]) is bool

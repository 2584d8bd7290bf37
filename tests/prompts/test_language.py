from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import DomainError
from apps.prompts.language import fill_in, flags_in, missing_in, variables_of
from tests.support.cases import case

NAMES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,10}", fullmatch=True)
PLAIN = st.text(st.characters(blacklist_characters="{}", blacklist_categories=("Cs",)), max_size=20)
VALUES = PLAIN.map(str.strip).filter(bool)


VARIABLES = [
    ("Slow pan over {place}.", {"place": ""}),
    ("{light=golden hour} on {place}", {"light": "golden hour", "place": ""}),
    ("{ light = golden hour }", {"light": "golden hour"}),
    ("{time of day}", {"time of day": ""}),
    ("{light}, {light=dusk}", {"light": "dusk"}),
    ("{b} {a} {b}", {"b": "", "a": ""}),
    ("{light=}", {"light": ""}),
    ("{} {1} {{x} { }", {"x": ""}),
    ("no braces", {}),
]


def test_variables_stand_in_braces():
    for text, variables in VARIABLES:
        with case((text, variables)):
            assert variables_of(text) == variables
            assert list(variables_of(text)) == list(variables), "in the order of the text"


def test_a_value_replaces_every_place_of_its_variable():
    assert fill_in("{who}, {who}!", {"who": "heron"}) == "heron, heron!"


def test_a_default_stands_in_wherever_it_was_written():
    assert fill_in("{light}, {light=dusk}", {}) == "dusk, dusk"


def test_missing_variables_are_named():
    assert missing_in("{a} {b=x} {c}", {"a": " ", "c": "y"}) == ["a"]
    with pytest.raises(DomainError, match="Fill in: a, c"):
        fill_in("{a} {b=x} {c}", {})


def test_a_value_with_braces_is_no_variable():
    assert fill_in("{a} {b=x}", {"a": "{b}"}) == "{b} x"


@given(st.lists(st.tuples(PLAIN, NAMES, VALUES)), PLAIN)
def test_filling_in_replaces_each_variable_in_place(pieces, end):
    values = {name: value for _, name, value in pieces}
    text = "".join(f"{plain}{{{name}}}" for plain, name, _ in pieces) + end
    told = "".join(f"{plain}{values[name]}" for plain, name, _ in pieces) + end
    assert variables_of(text) == dict.fromkeys(values, "")
    assert fill_in(text, values) == told


@given(st.text(max_size=200))
def test_any_text_can_be_parsed(text):
    values = dict.fromkeys(variables_of(text), "x")
    assert missing_in(text, values) == []
    assert not variables_of(fill_in(text, values)) or "{" in text


SLOW_TEXTS = ["{a=" + " " * 3990 + "x", "{" * 4000, "{a" + " " * 3990, "{a= " * 1000]


def test_a_text_made_to_be_slow_is_parsed_at_once():
    for text in SLOW_TEXTS:
        with case(text):
            began = process_time()
            variables_of(text)
            assert process_time() - began < 1


FLAGS = [
    ("A heron --ar 16:9 --motion high", ["ar", "motion"]),
    ("--raw", ["raw"]),
    ("well-known, half--way, a -- b, ---", []),
    ("x --v 6 --v 7", ["v"]),
    ("line\n--chaos 5", ["chaos"]),
]


def test_flags_are_found():
    for text, flags in FLAGS:
        with case((text, flags)):
            assert flags_in(text) == flags

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.animator.prompt_parser import Element, Move, parse_prompt


@pytest.mark.parametrize(
    ("prompt", "move"),
    [
        ("pan left", Move.PAN_LEFT),
        ("The camera pans slowly to the right", Move.PAN_RIGHT),
        ("tilt up to the sky", Move.TILT_UP),
        ("tilting down", Move.TILT_DOWN),
        ("zoom in on the cup", Move.ZOOM_IN),
        ("Zooms out slowly", Move.ZOOM_OUT),
        ("dolly in", Move.PUSH_IN),
        ("slow push-in", Move.PUSH_IN),
        ("moving closer", Move.PUSH_IN),
        ("pull back", Move.PULL_OUT),
        ("dolly out", Move.PULL_OUT),
        ("camera slides left", Move.TRUCK_LEFT),
        ("truck right", Move.TRUCK_RIGHT),
        ("crane up", Move.CRANE_UP),
        ("pedestal down", Move.CRANE_DOWN),
        ("orbit around her", Move.ORBIT_RIGHT),
        ("orbit to the left", Move.ORBIT_LEFT),
        ("roll clockwise", Move.ROLL_RIGHT),
    ],
)
def test_a_camera_word_is_one_move(prompt, move):
    assert parse_prompt(prompt).steps == ((move,),)


@pytest.mark.parametrize(
    ("prompt", "element"),
    [
        ("leaves sway in the wind", Element.WIND),
        ("waves roll in", Element.WATER),
        ("clouds drifting", Element.CLOUDS),
        ("heavy rain", Element.RAIN),
        ("it is snowing", Element.SNOW),
        ("morning mist", Element.FOG),
        ("steam rises from the cup", Element.SMOKE),
        ("sunlight moves over the wall", Element.LIGHT),
        ("the candle flickers", Element.FLICKER),
        ("dust in the air", Element.DUST),
        ("sparks and embers", Element.EMBERS),
    ],
)
def test_an_element_word_is_one_element(prompt, element):
    assert element in parse_prompt(prompt).elements


def test_then_makes_steps_and_and_joins_moves():
    parsed = parse_prompt("pan left and zoom in, then crane up")
    assert [set(step) for step in parsed.steps] == [{Move.PAN_LEFT, Move.ZOOM_IN}, {Move.CRANE_UP}]


def test_what_is_refused_is_unwanted_and_not_done():
    parsed = parse_prompt("no rain, without any zoom in, don't pan left")
    assert parsed.steps == ()
    assert parsed.elements == ()
    assert parsed.unwanted == {Element.RAIN}


def test_a_no_in_a_prompt_reaches_no_further_than_its_comma():
    assert parse_prompt("no rain, snow falls").elements == (Element.SNOW,)


@pytest.mark.parametrize("prompt", ["static shot", "locked camera", "no camera movement", "tripod"])
def test_a_still_camera_can_be_asked_for(prompt):
    assert parse_prompt(prompt).still


def test_adverbs_of_a_prompt_set_the_pace():
    slow, plain, fast = (parse_prompt(f"{word} zoom in").pace for word in ("slow", "", "fast"))
    assert slow < plain < fast


def test_addresses_and_parameters_of_the_vendors_are_not_words():
    assert parse_prompt("https://host/rain/zoom-in.png --motion high").elements == ()


@given(st.text(max_size=200))
def test_any_text_is_understood_somehow(text):
    parsed = parse_prompt(text)
    assert 0 < parsed.pace < 2
    assert not set(parsed.elements) & parsed.unwanted

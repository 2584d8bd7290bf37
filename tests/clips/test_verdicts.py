import re
from itertools import chain

from apps.clips.states import NSFW_LOOKS, Verdict
from tests.support.cases import case
from tests.support.repository import files_named, text_of

# What browsers and text fields do with these keys is theirs.
KEYS_OF_BROWSERS = {"enter", "escape", "tab", *(f"ctrl+{letter}" for letter in "acfnrtvwxyz")}


def keys_taken() -> set[str]:
    """Return the keys that pages and scripts bind, as they are written there."""
    scripts = (re.findall(r'\bkey\(\s*"([^"]+)"', text_of(name)) for name in files_named("*.js"))
    pages = (re.findall(r'data-key="([^"{]+)"', text_of(name)) for name in files_named("*.html"))
    return {key for keys in chain(*scripts, *pages) for key in keys.split()}


def test_a_verdict_is_stored_as_its_value_alone():
    for verdict in Verdict:
        assert str(verdict) == verdict.value == verdict, verdict
        assert Verdict.of(verdict.value) is verdict


def test_buttons_of_verdicts_share_no_key():
    keys = [key for verdict in Verdict for key in verdict.shortcuts]
    assert len(keys) == len(set(keys))


def test_no_verdict_takes_a_key_of_the_page_the_player_or_the_browser():
    taken = keys_taken()
    assert taken >= set("jkliozn/q?") | {"arrowup", "arrowleft", "space", "shift+l", "delete"}
    for verdict in Verdict:
        with case(verdict):
            assert not (taken | KEYS_OF_BROWSERS).intersection(verdict.shortcuts)


def test_looks_have_an_icon_and_a_tone_that_exist():
    icons = set(re.findall(r'id="([^"]+)"', text_of("static/img/icons.svg")))
    tones = set(re.findall(r'\.chip\[data-tone="(\w+)"', text_of("static/css/components/chip.css")))
    for look in (*(verdict.traits.look for verdict in Verdict), *NSFW_LOOKS.values()):
        with case(look):
            assert look.icon in icons
            assert look.tone in tones


def test_keys_are_written_for_scripts_and_for_people():
    assert Verdict.CHANGES.shortcuts == ["r", "ctrl+enter"]
    assert Verdict.CHANGES.shown_keys == ["R", "Ctrl+Enter"]

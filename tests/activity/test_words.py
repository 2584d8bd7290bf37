import ast
from pathlib import Path

import pytest

from apps.activity.states import Pace
from apps.activity.topics import BY_KEY, TOPICS
from apps.activity.words import GROUPS, SENTENCES, has_words, sentence
from apps.jobs.states import State, Verdict

ROOT = Path(__file__).resolve().parents[2]
# What other rooms will write down, or do already under these names.
PROMISED = [
    "signed_in", "sign_in_failed", "signed_out", "password_changed", "factor_added", "factor_removed", "invited",
    "revoked", "joined", "role_changed", "removed", "left", "handed_over", "archived", "opened", "suspended",
    "renamed", "token_made", "token_revoked", "made_private", "made_open", "let_in", "let_out", "let_go",
    "founded", "passed_on",
]  # fmt: skip
RECORDERS = {"record", "record_all", "_record", "_tell"}


def verbs_in(path):
    """Every verb a module records: the texts in the arguments of what writes events down, but for facts."""
    for call in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(call, ast.Call)
            and getattr(call.func, "id", getattr(call.func, "attr", "")) in RECORDERS
        ):
            for given in call.args:
                yield from (
                    node.value
                    for node in ast.walk(given)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                )


RECORDED = {
    verb: str(path.relative_to(ROOT))
    for path in sorted((ROOT / "apps").rglob("*.py"))
    for verb in verbs_in(path)
    if verb != "job"  # About("job", …) is a kind
}


def test_the_search_finds_what_is_recorded():
    assert {"began", "moved", "judged", "connected", "broke", "exported", "warned"} <= set(RECORDED)


@pytest.mark.parametrize("verb", [*RECORDED, *PROMISED])
def test_every_verb_has_words(verb):
    assert has_words(verb), (
        f"{RECORDED.get(verb)} records {verb!r}: give it a sentence in activity.words"
    )


def test_no_verb_stands_in_two_groups():
    verbs = [verb for said in SENTENCES.values() for verb in said]
    assert len(verbs) == len(set(verbs))
    assert set(SENTENCES) == set(GROUPS)


@pytest.mark.parametrize("verb", [verb for said in SENTENCES.values() for verb in said])
def test_a_sentence_bears_facts_that_are_missing_or_strange(verb):
    assert sentence(verb, {})
    assert sentence(verb, {"name": "%s", "limit": None, "to": 3, "names": ["%s", None]})


def test_a_sentence_says_its_facts_in_words():
    assert sentence("moved", {"to": str(State.AT_VENDOR)}) == "moved a job on: at the vendor"
    assert (
        sentence("judged", {"verdict": str(Verdict.CHANGES)})
        == "decided on a clip: changes requested"
    )
    assert sentence("never heard of", {}) == "never heard of"


def test_a_verb_says_something_else_of_another_kind_of_subject():
    assert sentence("changed", {"name": "Harbour"}, "project") == "changed the project Harbour"
    assert sentence("changed", {"limit": "5"}, "budget") == "changed a budget to $5"


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("verb", ["moved"])
def test_every_state_has_words(verb, state):
    assert "_" not in sentence(verb, {"to": state})


def test_the_table_of_topics_is_whole():
    assert len(BY_KEY) == len(TOPICS)
    assert all(has_words(topic.verb) for topic in TOPICS)
    assert all(topic.mail in Pace.values and len(topic.key) <= 20 for topic in TOPICS)

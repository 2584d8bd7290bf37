import ast
from functools import cache
from pathlib import Path

import pytest

from apps.activity.sentences import sentence
from apps.clips.states import Verdict
from apps.core.event_registry import (
    DuplicateError,
    Group,
    MailFrequency,
    Registry,
    RoomEvents,
    registry,
)
from apps.jobs.states import State

ROOT = Path(__file__).resolve().parents[2]
RECORDERS = {"record", "record_all", "_record", "_write_down"}


def verbs_in(path):
    """Yield every verb a module records: the texts in the positional arguments of a record()."""
    source = path.read_text()
    if not any(f"{name}(" in source for name in RECORDERS):
        return
    for call in ast.walk(ast.parse(source)):
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


@cache
def recorded_verbs() -> dict[str, str]:
    """Return where each verb is recorded."""
    return {
        verb: str(path.relative_to(ROOT))
        for path in sorted((ROOT / "apps").rglob("*.py"))
        for verb in verbs_in(path)
        if verb not in registry.kinds  # About("job", …) is a kind
    }


def test_the_finder_of_recorded_verbs_finds_some():
    assert {"began", "moved", "judged", "connected", "exported", "warned"} <= set(recorded_verbs())


def test_every_recorded_verb_has_a_sentence():
    known = {key for key, _kind in registry.verbs}
    for verb, where in recorded_verbs().items():
        assert verb in known, (
            f"{where} records {verb!r}: give it a sentence in the room's events.py"
        )


def test_every_verb_stands_in_one_group():
    for verb in registry.verbs.values():
        groups = [
            group.key for group in registry.groups.values() if verb in registry.verbs_of(group)
        ]
        assert len(groups) == 1, verb.key


def test_a_sentence_stands_with_missing_or_odd_facts():
    for key, kind in registry.verbs:
        assert sentence(key, {}, kind)
        assert sentence(key, {"name": "%s", "limit": None, "to": 3, "names": ["%s", None]}, kind)


def test_a_sentence_says_its_facts_in_words():
    assert sentence("moved", {"to": str(State.AT_VENDOR)}) == "moved a job to: at vendor"
    changes = {"verdict": str(Verdict.CHANGES)}
    assert sentence("judged", changes) == "decided on a clip: changes requested"
    assert sentence("never heard of", {}) == "never heard of"


def test_a_verb_says_something_else_of_another_kind_of_subject():
    assert sentence("changed", {"name": "Harbour"}, "project") == "changed the project Harbour"
    assert sentence("changed", {"limit": "5"}, "budget") == "changed a budget to $5"


def test_every_state_of_a_job_has_words():
    for state in State.values:
        assert "_" not in sentence("moved", {"to": state})


def test_every_topic_is_about_a_verb_that_is_registered():
    known = {key for key, _kind in registry.verbs}
    for topic in registry.topics.values():
        assert topic.verb in known
        assert topic.mail in MailFrequency.values
        assert len(topic.key) <= 20  # the column of a notice
        assert topic.many_on in {"", *registry.lists}


def test_rooms_may_register_in_any_order_and_twice_but_not_under_one_name():
    first, second = Group(key="a", label="A", position=2), Group(key="b", label="B", position=1)
    one, other = Registry(), Registry()
    for group in (first, second, first):
        one.register(RoomEvents(groups=[group]))
    for group in (second, first):
        other.register(RoomEvents(groups=[group]))
    assert list(one.groups) == list(other.groups) == ["b", "a"]
    with pytest.raises(DuplicateError, match="'a'"):
        one.register(RoomEvents(groups=[Group(key="a", label="Another", position=1)]))

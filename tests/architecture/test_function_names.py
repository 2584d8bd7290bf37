"""A function's name says whether it acts or returns something; a bare participle says neither."""

from tests.support.cases import case
from tests.support.finders.participles import bare_participles, is_bare_participle
from tests.support.repository import inside, text_of


def test_no_function_is_named_by_a_bare_participle():
    offenders = [
        f"{name}:{line} {function}"
        for name in inside("apps/", "mjweb/", "bench/", "tests/")
        for line, function in bare_participles(text_of(name))
    ]
    assert offenders == []


def test_a_participle_without_a_noun_is_found():
    for name in ("taken", "_told", "sealed_by_hand", "moved", "asked_for"):
        with case(name):
            assert is_bare_participle(name)


def test_verbs_nouns_and_questions_are_good_names():
    for name in ("take", "is_taken", "saved_clips", "feed", "token", "seed_rows"):
        with case(name):
            assert not is_bare_participle(name)

"""A function's name says whether it acts or returns something; a bare participle says neither."""

from pathlib import Path

import pytest

from tests.architecture.test_structure import ROOT, inside
from tests.support.finders.participles import bare_participles, is_bare_participle

# Folders that still have such names. The list may only shrink.
NOT_YET = {
    "tests/architecture",
    "tests/audit.py",
    "tests/e2e",
    "tests/gallery",
    "tests/reviews",
    "tests/support",
}


def folder_of(name: str) -> str:
    """Return the room of a file: `apps/jobs`, `tests/jobs`, or the top folder alone."""
    parts = Path(name).parts
    return "/".join(parts[:2]) if parts[0] in {"apps", "tests"} else parts[0]


def test_no_function_is_named_by_a_bare_participle():
    offenders = [
        f"{name}:{line} {function}"
        for name in inside("apps/", "mjweb/", "bench/", "tests/")
        if folder_of(name) not in NOT_YET
        for line, function in bare_participles((ROOT / name).read_text())
    ]
    assert offenders == []


@pytest.mark.parametrize("name", ["taken", "_told", "sealed_by_hand", "moved", "asked_for"])
def test_a_participle_without_a_noun_is_found(name):
    assert is_bare_participle(name)


@pytest.mark.parametrize("name", ["take", "is_taken", "saved_clips", "feed", "token", "seed_rows"])
def test_verbs_nouns_and_questions_are_good_names(name):
    assert not is_bare_participle(name)

from uuid import uuid4

import pytest

from apps.core import events

SUBJECT = events.About("thing", 1, uuid4())


@pytest.fixture
def no_store(monkeypatch):
    monkeypatch.setattr(events, "_stores", [])


class Kept(list):
    """A store in memory."""

    add = list.append
    add_all = list.extend


def test_recording_before_a_store_is_installed_says_what_is_missing(no_store):
    with pytest.raises(events.NoStoreError, match=r"apps\.activity"):
        events.record("began", SUBJECT)


def test_records_reach_the_store_that_was_installed(no_store):
    kept = Kept()
    events.install_store(kept)
    events.record("began", SUBJECT, name="X")
    events.record_all("ended", [SUBJECT, SUBJECT], actor="me")
    assert [(one.verb, one.actor, one.facts) for one in kept] == [
        ("began", None, {"name": "X"}),
        ("ended", "me", {}),
        ("ended", "me", {}),
    ]

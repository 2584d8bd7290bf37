"""What follows a commit may fail; what was committed stands, and nobody else hears of it."""

from functools import partial

import pytest
from django.db import transaction

from apps.core.database import after_commit


def fail(*words):
    raise ConnectionError(*words)


class Task:
    """Something that is called without having a name of its own."""

    def __call__(self):
        fail("no broker")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deed", [fail, partial(fail, "no broker"), Task()])
def test_a_deed_that_fails_after_the_commit_is_logged_and_stops_nothing(deed, caplog):
    done = []
    with transaction.atomic():
        after_commit(deed)
        after_commit(done.append, "the next one")
    assert done == ["the next one"]
    assert "on_commit()" in caplog.text


@pytest.mark.django_db
def test_a_deed_waits_for_the_commit(django_capture_on_commit_callbacks):
    done = []
    with django_capture_on_commit_callbacks(execute=True):
        after_commit(done.append, 1)
        assert done == []
    assert done == [1]

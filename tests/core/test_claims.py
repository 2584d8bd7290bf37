from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.claims import claim_due
from apps.jobs.models import Lane

pytestmark = pytest.mark.django_db
LASTS = timedelta(minutes=1)


def lanes(*, limit: int = 9) -> list[str]:
    rows = Lane.objects.filter(kind="claimed")
    return [lane.fingerprint for lane in claim_due(rows, "paused_until", lasts=LASTS, limit=limit)]


@pytest.fixture
def three():
    """Two rows that are due, and one that is to come; another kind is nobody's business."""
    now = timezone.now()
    moments = {
        "second": now - timedelta(seconds=1),
        "first": now - timedelta(hours=1),
        "later": now + LASTS,
    }
    for name, moment in moments.items():
        Lane.objects.create(fingerprint=name, kind="claimed", paused_until=moment)
    Lane.objects.create(fingerprint="another", kind="other", paused_until=now - LASTS)
    Lane.objects.create(fingerprint="never", kind="claimed")


@pytest.mark.usefixtures("three")
def test_what_is_due_is_given_out_once_the_longest_due_first():
    assert lanes() == ["first", "second"]
    assert lanes() == []


@pytest.mark.usefixtures("three")
def test_a_claim_on_a_row_runs_out():
    lanes()
    Lane.objects.filter(fingerprint="first").update(paused_until=timezone.now())
    assert lanes() == ["first"]


@pytest.mark.usefixtures("three")
def test_no_more_are_claimed_than_are_asked_for():
    assert (lanes(limit=1), lanes(limit=1)) == (["first"], ["second"])


@pytest.mark.usefixtures("three")
def test_a_hundred_rows_are_claimed_as_quickly_as_two(django_assert_num_queries):
    now = timezone.now()
    many = [
        Lane(fingerprint=f"{number}", kind="claimed", paused_until=now) for number in range(100)
    ]
    Lane.objects.bulk_create(many)
    with django_assert_num_queries(5):  # look, begin, lock, claim, commit
        assert len(lanes(limit=200)) == 102
    with django_assert_num_queries(1):
        assert lanes() == []

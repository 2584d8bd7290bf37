import pytest
from django.db.models import Q
from pytest_django.asserts import assertContains, assertNotContains

from apps.clips.slots import FACTS
from apps.core.slots import Fact
from tests.support.factories import a_clip, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def orientation(monkeypatch):
    """Register a fact of two choices that the page of a wide clip shows."""
    fact = Fact(
        key="orientation",
        label="Orientation",
        choices=[("wide", "Wide"), ("tall", "Tall")],
        condition=lambda value: Q(width__gt=100) if value == "wide" else Q(width__lte=100),
        text_of=lambda clip: "Wide" if clip.width > 100 else "",
    )
    monkeypatch.setitem(FACTS._fillers, fact.key, (90, fact))


def test_a_registered_fact_is_shown_on_the_page_of_a_clip(orientation, viewer, team):
    page = client_of(viewer).get(a_clip(team, width=200).get_absolute_url())
    assertContains(page, "<dt>Orientation</dt><dd>Wide</dd>")


def test_a_fact_without_a_value_has_no_line(orientation, viewer, team):
    page = client_of(viewer).get(a_clip(team, width=50).get_absolute_url())
    assertNotContains(page, "Orientation")


def test_the_gallery_offers_and_applies_the_same_fact(orientation, viewer, team):
    wide, tall = a_clip(team, width=200), a_clip(team, width=50)
    page = client_of(viewer).get("/gallery/", {"orientation": "wide"})
    assertContains(page, wide.get_absolute_url())
    assertNotContains(page, tall.get_absolute_url())


def test_what_was_measured_in_a_file_stands_in_the_columns_of_the_same_name(team):
    clip = a_clip(team)
    assert (clip.frames, len(clip.sha256)) == (24, 64)
    assert clip.width
    assert clip.height
    assert clip.size

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.support.factories import a_clip, client_of

pytestmark = pytest.mark.django_db


def test_the_page_of_a_clip_shows_a_random_seed_as_random(viewer, team):
    clip = a_clip(team)
    clip.parameters = {"seed": -1, "raw": True}
    clip.save()
    page = client_of(viewer).get(clip.get_absolute_url())
    assertContains(page, '<span class="soft">seed</span> random')
    assertContains(page, '<span class="soft">raw</span> true')
    assertNotContains(page, "-1</li>")


def test_a_seed_that_was_asked_for_is_shown_as_a_number(team):
    clip = a_clip(team)
    clip.parameters = {"seed": 42}
    assert clip.shown_parameters == [("seed", "42")]

"""What the tests of the budgets room ask for."""

from functools import partial

import pytest

from apps.teams.scoping import within
from tests.support.factories import a_purchase


@pytest.fixture
def inside(team):
    """Be within the team."""
    with within(team):
        yield team


@pytest.fixture
def purchase(team):
    """Give a function that says what is bought, by default something new for nobody's project."""
    return partial(a_purchase, team)

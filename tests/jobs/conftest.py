"""What the tests of the jobs room ask for: everything happens inside the team's scope."""

import pytest

from apps.teams.scoping import within
from tests.support.factories import a_job, a_project, an_account, an_image
from tests.support.vendor import vendor

__all__ = ["vendor"]


@pytest.fixture(autouse=True)
def _on_the_internet(settings):
    settings.VENDORS_REACH_US = True


@pytest.fixture(autouse=True)
def _inside_the_team(team):
    with within(team):
        yield


@pytest.fixture
def project(team):
    return a_project(team)


@pytest.fixture
def image(team, project):
    return an_image(team, project)


@pytest.fixture
def account(team):
    return an_account(team)


@pytest.fixture
def job_in(team, image, account):
    def make(state, **fields):
        return a_job(
            team,
            state,
            **{"image": image, "project": image.project, "account": account, "clips": 0} | fields,
        )

    return make

"""Fixtures of the jobs room; everything happens inside the team's scope."""

from pathlib import Path

import pytest

from apps.footage.examine import examine
from apps.footage.probing import ClipFacts
from apps.footage.stills import Stills
from apps.jobs.workers import joining, saving
from apps.teams.scoping import within
from tests.support.factories import a_job, a_picture, a_project, an_account, an_image
from tests.support.vendor import vendor

__all__ = ["vendor"]


@pytest.fixture(autouse=True)
def _on_the_internet(settings):
    settings.VENDORS_REACH_US = True


@pytest.fixture(autouse=True)
def _inside_the_team(team):
    with within(team):
        yield


EXAMINED: dict[bytes, tuple[ClipFacts, Stills]] = {}


def examine_once(path: Path) -> tuple[ClipFacts, Stills]:
    """Examine a film, unless one with the same bytes was examined in this process."""
    content = path.read_bytes()
    if content not in EXAMINED:
        EXAMINED[content] = examine(path)
    return EXAMINED[content]


@pytest.fixture
def films_examined_once(monkeypatch):
    """Decode each film once, in tests that save the same film many times."""
    monkeypatch.setattr(saving, "examine", examine_once)
    monkeypatch.setattr(joining, "examine", examine_once)


@pytest.fixture
def project(team):
    return a_project(team)


@pytest.fixture(scope="session")
def picture():
    """The same picture for all tests: each of its own would be encoded three times."""
    return a_picture()


@pytest.fixture
def image(team, project, picture):
    return an_image(team, project, data=picture)


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

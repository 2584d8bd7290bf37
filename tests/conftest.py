"""What every test may ask for."""

import itertools
import os

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connections

from tests.support.database import CopiedDatabase
from tests.support.factories import creator, owner, producer, reviewer, stranger, team, viewer
from tests.support.fake_network import network
from tests.support.stack import (
    pytest_runtest_setup,
    pytest_runtest_teardown,
    running_stack,
    set_up_before,
)
from tests.support.threads import for_threads

__all__ = [
    "creator",
    "for_threads",
    "network",
    "owner",
    "producer",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "reviewer",
    "running_stack",
    "set_up_before",
    "stranger",
    "team",
    "viewer",
]

# How long an example takes says more of the machine than of the code.
# The machines that check every submission draw more examples, the same ones every time.
ON_CI = "CI" in os.environ
hypothesis.settings.register_profile(
    "mjweb", deadline=None, derandomize=ON_CI, max_examples=100 if ON_CI else 40
)
hypothesis.settings.load_profile("mjweb")


def pytest_collection_modifyitems(items):
    """Begin with what one worker does alone, or the other would wait for it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Copy the migrated tables where the database is SQLite's: migrating takes ten seconds."""
    usual = connections["default"]
    if usual.vendor == "sqlite":
        usual.creation = CopiedDatabase(usual)


@pytest.fixture(scope="session")
def _storages(tmp_path_factory):
    """Name one folder after the other, and make none: most tests store nothing."""
    return map(tmp_path_factory.mktemp("media").joinpath, map(str, itertools.count()))


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, _storages):
    """Every test has a storage of its own."""
    settings.MEDIA_ROOT = next(_storages)


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    """No test hears that others tried too often."""
    cache.clear()


@pytest.fixture
def local_files(settings):
    """Keep files on this disk, whatever storage the suite runs on: for tests of serving them."""
    settings.FILES_ARE_REMOTE = False
    settings.STORAGES = settings.STORAGES | {"default": settings.LOCAL_STORAGE}

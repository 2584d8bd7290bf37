"""Two teams that the tests of access knock at: made once for a module, put back after each test.

Each module is a group of its own for xdist, or each of its workers would build the world of each
module.
"""

import logging

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.template import Template
from django.test import override_settings
from django.test.utils import _TestState

from tests.architecture.world import build_world


@pytest.fixture(scope="module")
def _world_of_module(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two teams in a transaction around the module; each test runs in a savepoint of it."""
    media = tmp_path_factory.mktemp("world")
    here = {"STORAGES": django_settings.STORAGES | {"default": django_settings.LOCAL_STORAGE}}
    around = transaction.atomic()
    around._from_testcase = True  # what must be outermost in the product may be inside of this
    with django_db_blocker.unblock(), around:
        with override_settings(MEDIA_ROOT=media, FILES_ARE_REMOTE=False, **here):
            world = build_world()
        with django_db_blocker.block():
            yield world, media
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _quietly():
    """Log nothing and keep no template contexts: these tests send thousands of requests."""
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", _TestState.saved_data.template_render)
        yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(_quietly, _world_of_module, local_files, settings, db):
    """Give our team and somebody else's, with their files."""
    world, settings.MEDIA_ROOT = _world_of_module
    return world

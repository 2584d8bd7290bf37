"""Threads that share a database: for what must happen once although two do it at one moment."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connection, connections

from mjweb.settings.base import SQLITE

A = TypeVar("A")
R = TypeVar("R")


@pytest.fixture
def for_threads(transactional_db, tmp_path, monkeypatch):
    """A database that threads can share: one in memory is copied into a file."""
    if connection.vendor != "sqlite":
        yield
        return
    path = tmp_path / "threads.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM INTO '{path}'")
    with monkeypatch.context() as patch:
        patch.setitem(connections.settings["default"], "NAME", str(path))
        patch.setitem(connections.settings["default"], "OPTIONS", SQLITE["OPTIONS"])
        yield


def in_a_thread(deed: Callable[[A], R]) -> Callable[[A], R]:
    """Do it with a connection of its own, and close that."""

    def run(argument: A) -> R:
        try:
            return deed(argument)
        finally:
            connection.close()

    return run

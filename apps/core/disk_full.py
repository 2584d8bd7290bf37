"""Recognise a full disk, whether the file system, SQLite or PostgreSQL reports it."""

import errno
import sqlite3
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

# SQLite reports a full disk on a write, or on opening the shared-memory file beside the database.
_SQLITE_FULL_CODES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_POSTGRES_FULL_STATE = "53100"  # disk_full
DISK_FULL = _("The server's disk is full. Ask your administrator to free some space, then retry.")


def is_disk_full(error: BaseException | None) -> bool:
    """Tell whether an error, or one that led to it, means that the disk is full."""
    return any(map(_reports_full_disk, _causes(error)))


def _reports_full_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _SQLITE_FULL_CODES
    return getattr(error, "sqlstate", None) == _POSTGRES_FULL_STATE


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that led to it; a cycle among them ends the walk."""
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__

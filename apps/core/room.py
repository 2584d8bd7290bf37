"""No room left: on the disk, or in the database. It passes, and nothing is kept by halves."""

import errno
import sqlite3
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

# SQLite's codes: of a write, and of the file beside the database that it needs even to be opened.
_SQLITE_IS_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_POSTGRES_IS_FULL = "53100"  # disk_full
NO_ROOM = _(
    "This installation has no room left on its disk. Ask whoever runs it, then send this again."
)


def is_no_room(fault: BaseException | None) -> bool:
    """Tell whether a fault, or what led to it, means that there is no room left."""
    return any(map(_says_so, _causes(fault)))


def _says_so(fault: BaseException) -> bool:
    if isinstance(fault, OSError):
        return fault.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(fault, sqlite3.Error):
        return getattr(fault, "sqlite_errorcode", None) in _SQLITE_IS_FULL
    return getattr(fault, "sqlstate", None) == _POSTGRES_IS_FULL


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while fault and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or fault.__context__

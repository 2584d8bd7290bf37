"""No room left: on the disk, or in the database. It passes, and nothing is kept by halves."""

import errno
from collections.abc import Iterator

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _

# SQLite's own words (SQLITE_FULL), and PostgreSQL's code (disk_full).
_SQLITE_IS_FULL = "database or disk is full"
_POSTGRES_IS_FULL = "53100"
NO_ROOM = _("This installation has no room left on its disk. Ask whoever runs it, then send this again.")


def is_no_room(fault: BaseException | None) -> bool:
    """Tell whether a fault, or what led to it, means that there is no room left."""
    return any(map(_says_so, _causes(fault)))


def _says_so(fault: BaseException) -> bool:
    if isinstance(fault, OSError):
        return fault.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(fault, OperationalError) and _SQLITE_IS_FULL in str(fault):
        return True
    return getattr(fault, "sqlstate", None) == _POSTGRES_IS_FULL


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while fault and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or fault.__context__

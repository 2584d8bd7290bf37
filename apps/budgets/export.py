"""The ledger as CSV, a thousand lines at a time, however long it is."""

import csv
import io
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.budgets.models import Line
from apps.core.database import hand_back
from apps.core.paging import Page, newest_first
from apps.core.spreadsheets import harmless

CHUNK = 1000
COLUMNS = (
    "bought_at", "written_at", "order", "sending", "kind", "usd", "held", "spent",
    "project", "person", "vendor", "account", "model", "resolution", "why",
)  # fmt: skip
# Tells spreadsheets that the letters are UTF-8.
MARK = "\ufeff"


def as_csv(lines: QuerySet[Line]) -> Generator[bytes, None, None]:
    """Yield a heading and then the lines, newest first; each chunk is a query of its own."""
    yield _written([COLUMNS], mark=MARK)
    cursor = ""
    while True:
        page = _page(lines, cursor)
        if page.items:
            yield _written(_row(line) for line in page.items)
        if not page.next_cursor:
            return
        cursor = page.next_cursor


def _page(lines: QuerySet[Line], cursor: str) -> Page[Line]:
    try:
        return newest_first(lines.select_related("project", "person"), cursor, size=CHUNK)
    finally:
        hand_back()  # every chunk may be read in another thread


def _row(line: Line) -> Sequence[Any]:
    texts = (
        line.project.name if line.project else "",
        str(line.person or ""),
        line.vendor,
        line.account,
        line.model,
        line.resolution,
        line.why,
    )
    moments = (line.bought_at.isoformat(), line.created_at.isoformat())
    unknown = "" if line.usd is None else line.usd
    facts = (line.order, line.sending, line.kind, unknown, line.held, line.spent)
    return (*moments, *facts, *map(harmless, texts))


def _written(rows: Iterable[Sequence[Any]], mark: str = "") -> bytes:
    text = io.StringIO(mark)
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()

"""The ledger as CSV, a thousand lines at a time, however long it is."""

import csv
import io
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from apps.budgets.models import Line, LineQuerySet
from apps.core.database import hand_back
from apps.core.paging import Page, newest_first

CHUNK = 1000
COLUMNS = (
    "bought_at", "written_at", "order", "sending", "kind", "usd", "held", "spent",
    "project", "person", "vendor", "account", "model", "resolution", "why",
)  # fmt: skip
# What a spreadsheet would take for a formula, or for the end of a cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PRIVATE = "(a private project)"
# Tells spreadsheets that the letters are UTF-8.
MARK = "\ufeff"


def as_csv(lines: LineQuerySet) -> Generator[bytes, None, None]:
    """Yield a heading and then these named() lines, newest first; each chunk is a query of its own."""
    yield _written([COLUMNS], mark=MARK)
    cursor = ""
    while True:
        page = _page(lines, cursor)
        if page.items:
            yield _written(_row(line) for line in page.items)
        if not page.next_cursor:
            return
        cursor = page.next_cursor


def _page(lines: LineQuerySet, cursor: str) -> Page[Line]:
    try:
        return newest_first(lines.select_related("person"), cursor, size=CHUNK)
    finally:
        hand_back()  # every chunk may be read in another thread


def _row(line: Any) -> Sequence[Any]:  # a Line, with what may be told of its project hung on
    texts = (
        PRIVATE if line.is_hidden else line.project_name or "",
        str(line.person or ""),
        line.vendor,
        line.account,
        line.model,
        line.resolution,
        "" if line.is_hidden else line.why,
    )
    moments = (line.bought_at.isoformat(), line.created_at.isoformat())
    unknown = "" if line.usd is None else line.usd
    facts = (line.order, line.sending, line.kind, unknown, line.held, line.spent)
    return (*moments, *facts, *map(harmless, texts))


def harmless(text: str) -> str:
    """Return a text that no spreadsheet reckons with (OWASP, “CSV injection”)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _written(rows: Iterable[Sequence[Any]], mark: str = "") -> bytes:
    text = io.StringIO(mark)
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()

"""CSV exports for spreadsheets, written a thousand rows at a time."""

import csv
import io
import re
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.core.database import close_stale_connections
from apps.core.paging import newest_first

CHUNK_ROWS = 1000
# Characters that begin a formula or end a cell, in every width (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Characters that a spreadsheet skips before it looks for a formula.
SKIPPED = " \u00a0\u200b\ufeff"
# A spreadsheet set to semicolons or tabs, as in many countries, takes our commas and quotation
# marks for text. It starts a new cell inside ours, and a formula may begin there.
INNER_FORMULA = re.compile(rf"([;\t\r\n][{SKIPPED}]*)(?=[=+\-@＝＋－＠])")
BYTE_ORDER_MARK = "\ufeff"  # tells spreadsheets that the file is UTF-8


def escape_formulas(text: str) -> str:
    """Return a text that no spreadsheet evaluates (OWASP, "CSV injection")."""
    escaped = INNER_FORMULA.sub(r"\1'", text)
    starts_formula = text.lstrip(SKIPPED).startswith(FORMULA_STARTS)
    return f"'{escaped}" if starts_formula else escaped


def to_csv(rows: Iterable[Sequence[Any]], mark: str = "") -> bytes:
    """Return rows as CSV, after a byte order mark where one is given."""
    text = io.StringIO(mark)
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def in_chunks(
    rows: QuerySet[Any], *, most: int | None = None
) -> Generator[Sequence[Any], None, None]:
    """Yield rows in chunks, newest first and `most` in all; each chunk is one query."""
    cursor = ""
    left = most
    while left is None or left > 0:
        size = CHUNK_ROWS if left is None else min(CHUNK_ROWS, left)
        try:
            page = newest_first(rows, cursor, size=size)
        finally:
            close_stale_connections()  # every chunk may be read in another thread
        if page.items:
            yield page.items
        if not page.next_cursor:
            return
        cursor = page.next_cursor
        if left is not None:
            left -= len(page.items)

"""Tables for spreadsheets, a thousand rows at a time, however long they are."""

import csv
import io
import re
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.core.database import hand_back
from apps.core.paging import newest_first

CHUNK = 1000
# What a spreadsheet takes for a formula, or for the end of a cell: in every width, as OWASP lists
# them.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What it skips before it looks.
SKIPPED = " \u00a0\u200b\ufeff"
# Where another cell begins for a spreadsheet that parts at semicolons or tabs, as many countries'
# do: it takes our commas and quotation marks for text.
FURTHER = re.compile(rf"([;\t\r\n][{SKIPPED}]*)(?=[=+\-@＝＋－＠])")
# Tells spreadsheets that the letters are UTF-8.
MARK = "\ufeff"


def harmless(text: str) -> str:
    """Return a text that no spreadsheet reckons with (OWASP, “CSV injection”)."""
    inside = FURTHER.sub(r"\1'", text)
    return f"'{inside}" if text.lstrip(SKIPPED).startswith(FORMULA) else inside


def written(rows: Iterable[Sequence[Any]], mark: str = "") -> bytes:
    """Return rows as CSV."""
    text = io.StringIO(mark)
    text.seek(0, io.SEEK_END)
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def chunks(rows: QuerySet[Any], *, most: int | None = None) -> Generator[Sequence[Any], None, None]:
    """Yield rows newest first, some at a time, `most` of them in all; each chunk is a query of its own."""
    cursor, left = "", most
    while left is None or left > 0:
        try:
            page = newest_first(rows, cursor, size=CHUNK if left is None else min(CHUNK, left))
        finally:
            hand_back()  # every chunk may be read in another thread
        if page.items:
            yield page.items
        if not page.next_cursor:
            return
        cursor, left = page.next_cursor, None if left is None else left - len(page.items)

"""The ledger as CSV, a thousand lines at a time, however long it is."""

from collections.abc import Generator, Sequence
from typing import Any

from apps.budgets.models import LineQuerySet
from apps.core.csv_export import BYTE_ORDER_MARK, escape_formulas, in_chunks, to_csv

COLUMNS = (
    "bought_at", "written_at", "order", "sending", "kind", "usd", "held", "spent",
    "project", "person", "vendor", "account", "model", "resolution", "why",
)  # fmt: skip
PRIVATE = "(a private project)"


def as_csv(lines: LineQuerySet) -> Generator[bytes, None, None]:
    """Yield a heading and then these named() lines, newest first; each chunk is a query of its own."""
    yield to_csv([COLUMNS], mark=BYTE_ORDER_MARK)
    for some in in_chunks(lines.select_related("person")):
        yield to_csv(_row(line) for line in some)


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
    return (*moments, *facts, *map(escape_formulas, texts))

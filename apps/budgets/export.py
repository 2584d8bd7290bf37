"""The ledger as CSV, a thousand lines at a time, however long it is."""

from collections.abc import Generator, Sequence
from typing import Any

from django.db.models import QuerySet

from apps.budgets.models import Line
from apps.core.tables import MARK, chunks, harmless, written

COLUMNS = (
    "bought_at", "written_at", "order", "sending", "kind", "usd", "held", "spent",
    "project", "person", "vendor", "account", "model", "resolution", "why",
)  # fmt: skip


def as_csv(lines: QuerySet[Line]) -> Generator[bytes, None, None]:
    """Yield a heading and then the lines, newest first; each chunk is a query of its own."""
    yield written([COLUMNS], mark=MARK)
    for some in chunks(lines.select_related("project", "person")):
        yield written(_row(line) for line in some)


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

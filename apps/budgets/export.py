"""The ledger as CSV, a thousand entries at a time."""

from collections.abc import Generator, Sequence
from typing import Any

from apps.budgets.models import LedgerEntryQuerySet
from apps.core.csv_export import BYTE_ORDER_MARK, escape_formulas, in_chunks, to_csv

COLUMNS = (
    "bought_at", "written_at", "order", "submission_number", "kind", "usd", "held", "spent",
    "project", "person", "vendor", "account", "model", "variant", "why",
)  # fmt: skip
PRIVATE = "(a private project)"


def as_csv(entries: LedgerEntryQuerySet) -> Generator[bytes, None, None]:
    """Yield the heading, then these with_project_names() entries, newest first, in chunks."""
    yield to_csv([COLUMNS], mark=BYTE_ORDER_MARK)
    for some in in_chunks(entries.select_related("person")):
        yield to_csv(_row(entry) for entry in some)


def _row(entry: Any) -> Sequence[Any]:  # a LedgerEntry of with_project_names()
    texts = (
        PRIVATE if entry.is_hidden else entry.project_name or "",
        str(entry.person or ""),
        entry.vendor,
        entry.account,
        entry.model,
        entry.variant,
        "" if entry.is_hidden else entry.why,
    )
    moments = (entry.bought_at.isoformat(), entry.created_at.isoformat())
    unknown = "" if entry.usd is None else entry.usd
    facts = (entry.order, entry.submission_number, entry.kind, unknown, entry.held, entry.spent)
    return (*moments, *facts, *map(escape_formulas, texts))

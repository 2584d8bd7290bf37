"""WaveSpeedAI's list of predictions (docs/vendor-contracts.md, section 1.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.sandbox.context import RETENTION_SECONDS, SandboxContext
from apps.sandbox.job_views import view_job
from apps.sandbox.jobs import Job
from apps.sandbox.wavespeed.answers import prediction
from apps.sandbox.wavespeed.orders import BadOrder
from apps.sandbox.wavespeed.parameters import MODEL

STATUSES = ("created", "processing", "completed", "failed", "cancelled", "timeout", "deleted")
KEYS = {"page", "page_size", "model", "status", "created_after", "created_before"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """One page of the list: SQL conditions with their values, page number and size."""

    where: dict[str, object]
    page: int
    size: int

    @property
    def skip(self) -> int:
        """Return the number of rows before the page."""
        return (self.page - 1) * self.size


def parse_query(body: Mapping[str, object], *, now: float) -> ListQuery:
    """Return the query in a request's body, or raise BadOrder; `now` is by the sandbox's clock."""
    for name in body:
        if name not in KEYS:
            raise BadOrder(f"{name} is not a parameter of this list.")
    where: dict[str, object] = {"born > ?": now - RETENTION_SECONDS}
    if (model := body.get("model")) is not None and model != MODEL:
        where["0 = ?"] = 1
    if (status := body.get("status")) is not None:
        if status not in STATUSES:
            raise BadOrder("status must be one of " + ", ".join(STATUSES) + ".")
        where["status = ?"] = status
    for name, condition in (
        ("created_after", "created_ns >= ?"),
        ("created_before", "created_ns <= ?"),
    ):
        if (moment := body.get(name)) is not None:
            where[condition] = _nanoseconds(name, moment)
    return ListQuery(
        where=where,
        page=_whole_number(body, "page", 1, 1_000_000),
        size=_whole_number(body, "page_size", 20, 100),
    )


def page_of(
    context: SandboxContext, jobs: Sequence[Job], total: int, base_url: str, page: int
) -> dict[str, object]:
    """Return one page of jobs, altered by their faults."""
    listed = [job for job in jobs if not job.fault("list_misses")]
    items = [prediction(view_job(context, job, base_url, in_list=True), base_url) for job in listed]
    if any(job.fault("list_shuffled") for job in jobs):
        items.reverse()
    total_field = {} if any(job.fault("list_no_total") for job in jobs) else {"total": total}
    return {"page": page, **total_field, "items": items}


def _whole_number(body: Mapping[str, object], name: str, default: int, maximum: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= maximum:
        raise BadOrder(f"{name} must be a whole number from 1 to {maximum}.")
    return value


def _nanoseconds(name: str, value: object) -> int:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise BadOrder(f"{name} must be a date and time, such as 2026-11-21T09:12:48Z.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000

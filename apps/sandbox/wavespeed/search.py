"""WaveSpeedAI's list of predictions (vendor contracts 1.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.sandbox.desk import KEPT_SECONDS, Desk
from apps.sandbox.jobs import Job
from apps.sandbox.looks import sight_of
from apps.sandbox.wavespeed.answers import prediction
from apps.sandbox.wavespeed.orders import BadOrder
from apps.sandbox.wavespeed.tables import MODEL

STATUSES = ("created", "processing", "completed", "failed", "cancelled", "timeout", "deleted")
KEYS = {"page", "page_size", "model", "status", "created_after", "created_before"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A page of a search: conditions on rows with their values, and where in the answer it lies."""

    where: dict[str, object]
    page: int
    size: int

    @property
    def skip(self) -> int:
        """Return how many rows come before the page."""
        return (self.page - 1) * self.size


def read_search(body: Mapping[str, object], *, oldest: float) -> Search:
    """Return the search a customer asks for, or raise BadOrder; `oldest` is now by the sandbox's clock."""
    for name in body:
        if name not in KEYS:
            raise BadOrder(f"{name} is not a parameter of this list.")
    where: dict[str, object] = {"born > ?": oldest - KEPT_SECONDS}
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
    return Search(
        where=where,
        page=_whole(body, "page", 1, 1_000_000),
        size=_whole(body, "page_size", 20, 100),
    )


def page_of(desk: Desk, jobs: Sequence[Job], total: int, base: str, page: int) -> dict[str, object]:
    """Return a page of jobs as their faults have it."""
    shown = [job for job in jobs if not job.called("list_misses")]
    items = [prediction(sight_of(desk, job, base, in_list=True), base) for job in shown]
    if any(job.called("list_shuffled") for job in jobs):
        items.reverse()
    counted = {} if any(job.called("list_no_total") for job in jobs) else {"total": total}
    return {"page": page, **counted, "items": items}


def _whole(body: Mapping[str, object], name: str, otherwise: int, most: int) -> int:
    value = body.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise BadOrder(f"{name} must be a whole number from 1 to {most}.")
    return value


def _nanoseconds(name: str, value: object) -> int:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise BadOrder(f"{name} must be a date and time, such as 2026-11-21T09:12:48Z.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000

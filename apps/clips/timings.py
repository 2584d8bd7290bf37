"""How long each stage of an order took."""

from datetime import datetime


def stage_durations(
    *,
    ordered_at: datetime | None,
    submitted_at: datetime | None,
    accepted_at: datetime | None,
    done_at: datetime | None,
    saved_at: datetime | None,
    inference_ms: int | None,
) -> dict[str, int | None]:
    """Return the length of each stage in milliseconds; None where it has not ended."""
    return {
        "waiting": _milliseconds_between(ordered_at, submitted_at),
        "submitting": _milliseconds_between(submitted_at, accepted_at),
        "vendor": _milliseconds_between(accepted_at, done_at),
        "inference": inference_ms,
        "saving": _milliseconds_between(done_at, saved_at),
        "total": _milliseconds_between(ordered_at, saved_at),
    }


def _milliseconds_between(start: datetime | None, end: datetime | None) -> int | None:
    return round((end - start).total_seconds() * 1000) if start and end else None

"""Which of WaveSpeedAI's jobs is the order whose answer was lost: by its image's address, or not at all."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from apps.vendors.types import Sought
from apps.vendors.wavespeed.history import Listed

# A shorter mark may stand in somebody else's address by chance.
SHORTEST_MARK = 8


def matched(jobs: Collection[Listed], sought: Collection[Sought]) -> dict[str, Listed]:
    """Return the job of each order by mark.

    The image's address is of one sending alone. So several jobs with it are all that order's, and
    the earliest counts; but a job that fits several orders is told to none of them.
    """
    fitting: dict[str, list[Listed]] = {}
    for job in jobs:
        owners = [one for one in sought if _is_of(job, one)]
        if len(owners) == 1:
            fitting.setdefault(owners[0].mark, []).append(job)
    return {mark: _earliest(found) for mark, found in fitting.items()}


def either(jobs: Collection[Listed], sought: Collection[Sought]) -> set[str]:
    """Return the marks of orders of which a job may be any one: a vendor may give a picture one address for all."""
    fitting = [{one.mark for one in sought if _is_of(job, one)} for job in jobs]
    return {mark for marks in fitting if len(marks) > 1 for mark in marks}


def _is_of(job: Listed, one: Sought) -> bool:
    """Tell whether the job's image is the order's, or carries its mark as a word of its own."""
    if not job.image or job.image == one.image_url:
        return bool(job.image)
    word = rf"(?<![0-9A-Za-z-]){re.escape(one.mark)}(?![0-9A-Za-z-])"
    return len(one.mark) >= SHORTEST_MARK and re.search(word, job.image) is not None


def _earliest(jobs: Iterable[Listed]) -> Listed:
    never = datetime.max.replace(tzinfo=UTC)
    return min(jobs, key=lambda job: (job.report.created_at or never, job.report.vendor_job_id))

"""Which of WaveSpeedAI's jobs is the order whose answer was lost: by its image's address, or not at all."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from apps.vendors.types import MissingOrder
from apps.vendors.wavespeed.history import ListedJob

# A shorter reference may stand in somebody else's address by chance.
MIN_REFERENCE_CHARACTERS = 8


def match_orders(
    jobs: Collection[ListedJob], missing: Collection[MissingOrder]
) -> dict[str, ListedJob]:
    """Return the job of each order by reference.

    The image's address is of one sending alone. So several jobs with it are all that order's, and
    the earliest counts; but a job that fits several orders is told to none of them.
    """
    fitting: dict[str, list[ListedJob]] = {}
    for job in jobs:
        owners = [one for one in missing if _is_of(job, one)]
        if len(owners) == 1:
            fitting.setdefault(owners[0].reference, []).append(job)
    return {reference: _earliest(found) for reference, found in fitting.items()}


def ambiguous_references(
    jobs: Collection[ListedJob], missing: Collection[MissingOrder]
) -> set[str]:
    """Return the references of orders that share a job: nobody can say whose it is.

    A vendor may give the same picture one address for all orders.
    """
    fitting = [{one.reference for one in missing if _is_of(job, one)} for job in jobs]
    return {reference for references in fitting if len(references) > 1 for reference in references}


def _is_of(job: ListedJob, one: MissingOrder) -> bool:
    """Tell whether the job's image is the order's, or carries its reference as a word of its own."""
    if not job.image or job.image == one.image_url:
        return bool(job.image)
    word = rf"(?<![0-9A-Za-z-]){re.escape(one.reference)}(?![0-9A-Za-z-])"
    return len(one.reference) >= MIN_REFERENCE_CHARACTERS and re.search(word, job.image) is not None


def _earliest(jobs: Iterable[ListedJob]) -> ListedJob:
    never = datetime.max.replace(tzinfo=UTC)
    return min(jobs, key=lambda job: (job.report.created_at or never, job.report.vendor_job_id))

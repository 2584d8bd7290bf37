"""Recognising lost orders among WaveSpeedAI's jobs, by the address of the image."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from apps.vendors.types import MissingOrder
from apps.vendors.wavespeed.history import ListedJob

# A shorter reference may be part of another order's address by chance.
MIN_REFERENCE_CHARACTERS = 8


def match_orders(
    jobs: Collection[ListedJob], missing: Collection[MissingOrder]
) -> dict[str, ListedJob]:
    """Return the job of each order, by the order's reference.

    The image's address is used in one submission only. So several jobs with one address belong to
    one order, and the earliest counts. A job that matches several orders is given to none of them.
    """
    matching: dict[str, list[ListedJob]] = {}
    for job in jobs:
        orders = [order for order in missing if _has_image_of(job, order)]
        if len(orders) == 1:
            matching.setdefault(orders[0].reference, []).append(job)
    return {reference: _earliest(found) for reference, found in matching.items()}


def ambiguous_references(
    jobs: Collection[ListedJob], missing: Collection[MissingOrder]
) -> set[str]:
    """Return the references of orders that match one and the same job.

    This happens where a vendor gives the same picture one address in all orders.
    """
    matching = [{order.reference for order in missing if _has_image_of(job, order)} for job in jobs]
    return {reference for group in matching if len(group) > 1 for reference in group}


def _has_image_of(job: ListedJob, order: MissingOrder) -> bool:
    """Tell whether the job's image is the order's, or has its reference as a word of its own."""
    if not job.image or job.image == order.image_url:
        return bool(job.image)
    if len(order.reference) < MIN_REFERENCE_CHARACTERS:
        return False
    word = rf"(?<![0-9A-Za-z-]){re.escape(order.reference)}(?![0-9A-Za-z-])"
    return re.search(word, job.image) is not None


def _earliest(jobs: Iterable[ListedJob]) -> ListedJob:
    unknown = datetime.max.replace(tzinfo=UTC)
    return min(jobs, key=lambda job: (job.report.created_at or unknown, job.report.vendor_job_id))

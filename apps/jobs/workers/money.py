"""The ledger entries of a job's moves, written in the transaction of the move itself."""

from collections.abc import Iterable, Sequence

from apps.budgets import services as budgets
from apps.budgets.services import PricedOrder, Purchase
from apps.jobs.models import Job
from apps.vendors.offer import FailedJobCharge


def purchase_of(job: Job, number: int) -> Purchase:
    """Return the purchase of one submission, as the ledger keeps it."""
    return Purchase(
        team=job.team,
        order=job.public_id,
        submission_number=number,
        project=job.project,
        person=job.created_by,
        vendor=job.vendor,
        account=job.account.name,
        model=job.account.offer.model_of(job.parameters),
        variant=job.account.offer.variant_for(job.parameters),
    )


def hold(job: Job, number: int) -> None:
    """Hold the price of one more submission; raise OverBudget where a budget has no room for it."""
    budgets.hold(purchase_of(job, number), job.price)


def hold_orders(orders: Iterable[Sequence[Job]], *, up_to_budget: bool) -> int:
    """Hold the prices of new orders, each with all its parts; return how many have room.

    Raises OverBudget where not all have room, unless those that have are to be kept.
    """
    priced = [
        PricedOrder([purchase_of(part, 1) for part in parts], parts[0].price) for parts in orders
    ]
    return budgets.hold_all(priced, up_to_budget=up_to_budget)


def hold_found(job: Job) -> None:
    """Hold the price of a job found at its vendor, without asking budgets: it is bought already."""
    budgets.hold_unconditionally(purchase_of(job, 1), job.price)


def void_hold(job: Job, why: str, *, number: int = 0) -> bool:
    """Void the hold of a submission that cost nothing; False where a person entered a charge."""
    try:
        budgets.void(job.public_id, number or max(job.submission_number, 1), why)
    except budgets.AlreadyCharged:
        return False
    return True


def charge_delivered(jobs: Iterable[Job]) -> None:
    """Charge the jobs that the vendor has finished."""
    budgets.charge_all([(job.public_id, max(job.submission_number, 1)) for job in jobs])


def settle_without_clip(job: Job, why: str, *, is_charge_kept: bool) -> None:
    """Charge and expect a refund, or void the hold, as this vendor does with failed jobs."""
    number = max(job.submission_number, 1)
    if is_charge_kept:
        budgets.charge(job.public_id, number, why=why)
    elif job.account.offer.failed_job_charge == FailedJobCharge.NEVER_CHARGED:
        void_hold(job, why)
    else:
        budgets.charge(job.public_id, number, why=why)
        budgets.refund(job.public_id, number, why)


def charge_lost(job: Job, why: str, *, number: int = 0) -> None:
    """Charge a job that the vendor accepted and no longer knows: nobody reports a refund."""
    budgets.charge(job.public_id, number or max(job.submission_number, 1), why=why)

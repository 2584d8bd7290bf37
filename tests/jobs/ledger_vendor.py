"""A vendor with books of its own: it charges what it accepts, and refunds what fails."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from apps.vendors.errors import JobNotFound, Moderated, Refused, TryLater, Unsure, VendorError
from apps.vendors.types import (
    JobQuery,
    MissingOrder,
    Order,
    Output,
    Progress,
    Receipt,
    Report,
    StopResult,
)

PRICE = Decimal("0.15")
NOTHING = Decimal(0)
# How it behaves at the counter: whether it takes the order, and what it says of it.
MANNERS: dict[str, tuple[bool, VendorError | None]] = {
    "takes": (True, None),
    "takes, and the answer is lost": (True, Unsure("Hello?")),
    "never hears of it": (False, Unsure("Hello?")),
    "refuses": (False, Refused("No.")),
    "moderates": (False, Moderated("Not that.")),
    "is closed": (False, TryLater("Closed.")),
}


@dataclass
class Taken:
    """One job at the vendor."""

    id: str
    mark: str
    image_url: str
    progress: Progress = Progress.RUNNING
    outputs: int = 0
    charged: Decimal = PRICE
    is_listed: bool = True
    is_forgotten: bool = False
    repeats: str = "image"  # what of the order it tells again
    # What stood in the till when we last heard of it.
    charged_as_told: Decimal = NOTHING

    def report(self, film: str) -> Report:
        """Tell how it stands."""
        self.charged_as_told = self.charged
        return Report(
            progress=self.progress,
            vendor_status=self.progress.value,
            vendor_job_id=self.id,
            outputs=tuple(Output(url=film) for _ in range(self.outputs)),
            reference=self.mark if self.repeats == "mark" else "",
            image_url=self.image_url if self.repeats == "image" else "",
        )


@dataclass
class LedgerVendor:
    """Behaves at the counter as `manner` says, and tells of its jobs what is true."""

    film: str
    repeats: str = "image"
    manner: str = "takes"
    jobs: dict[str, Taken] = field(default_factory=dict)
    stops: StopResult = StopResult.UNSUPPORTED
    is_crowded: bool = False  # its list is longer than a search

    async def __aenter__(self) -> "LedgerVendor":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def submit(self, order: Order) -> Receipt:
        """Take the order, or not, and answer, or not."""
        takes, trouble = MANNERS[self.manner]
        if takes:
            job = Taken(
                f"v-{len(self.jobs)}", order.reference, order.image_url, repeats=self.repeats
            )
            self.jobs[job.id] = job
        if trouble:
            raise trouble
        return Receipt(vendor_job_id=job.id, vendor_status="created")

    async def report(self, vendor_job_id: str) -> Report:
        """Tell of one job."""
        job = self.jobs.get(vendor_job_id)
        if job is None or job.is_forgotten:
            if job:
                job.charged_as_told = job.charged
            raise JobNotFound("Never heard of it.")
        return job.report(self.film)

    async def reports(
        self, asked: Sequence[JobQuery], **_: bool
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Tell of those it knows, and of others that nobody asked about."""
        del asked
        yield self.list()

    def list(self) -> Mapping[str, Report]:
        """Return what its list tells of every job that is in it."""
        return {
            job.id: job.report(self.film)
            for job in self.jobs.values()
            if job.is_listed and not job.is_forgotten
        }

    async def find_orders(
        self, sought: Collection[MissingOrder]
    ) -> AsyncIterator[Mapping[str, Report | None]]:
        """Find by the image's address, as far as it can be read."""
        reports = {
            job.image_url: job.report(self.film)
            for job in self.jobs.values()
            if job.is_listed and not job.is_forgotten
        }
        known = {one.reference: reports.get(one.image_url) for one in sought}
        yield {mark: report for mark, report in known.items() if report or not self.is_crowded}

    async def stop(self, vendor_job_id: str) -> StopResult:
        """Stop a job that runs, if it is in the mood."""
        job = self.jobs[vendor_job_id]
        if self.stops is StopResult.STOPPED and job.progress is not Progress.RUNNING:
            return StopResult.TOO_LATE
        if self.stops is StopResult.STOPPED:
            self.end(job, Progress.CANCELLED)
        job.charged_as_told = job.charged
        return self.stops

    @staticmethod
    def end(job: Taken, progress: Progress, outputs: int = 0) -> None:
        """Finish a job: what is made is paid, what is not made is given back."""
        job.progress, job.outputs = progress, outputs
        job.charged = PRICE if progress is Progress.DONE else NOTHING

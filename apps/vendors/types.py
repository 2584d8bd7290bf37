"""The types that all vendors share: orders, reports, and the interface of a client."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import TracebackType
from typing import Literal, Protocol, Self

from apps.vendors.offer import Value

# How a webhook secret contains the signing key: as it is, or in base64. WaveSpeedAI documents the
# former, but its own example does not verify (docs/vendor-contracts.md, section 1.10; section 6,
# row 8).
KeyEncoding = Literal["text", "base64"]


class Progress(StrEnum):
    """How far a job is at its vendor; UNKNOWN is an undocumented status, and no failure."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class StopResult(StrEnum):
    """The result of a request to stop a job at its vendor."""

    STOPPED = "stopped"
    TOO_LATE = "too_late"
    UNSUPPORTED = "unsupported"  # this vendor has no way to stop a job


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The clip that an order extends: a finished job and a take, counted from 0."""

    vendor_job_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order: the image by address, the prompt, and the parameters of the offer.

    `reference` is our client reference of this submission (at most 64 letters, digits and dashes).
    It is sent where the vendor has a field for it. `image_url` is used in this submission only, so
    it is a reference as well. `webhook_url` is where the vendor reports the end of the job, or "".
    """

    image_url: str
    prompt: str
    parameters: Mapping[str, Value]
    reference: str = ""
    webhook_url: str = ""
    extends: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An accepted order: the vendor's id and status, and the time by the vendor's clock."""

    vendor_job_id: str
    vendor_status: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One video that can be downloaded; `nsfw` is None where the vendor does not say."""

    url: str
    nsfw: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One job as the vendor reports it."""

    progress: Progress
    vendor_status: str
    vendor_job_id: str = ""
    outputs: tuple[Output, ...] = ()
    reason: str = ""  # the vendor's own text, verbatim
    advice: str = ""  # our sentence about what may help
    code: int | None = None
    percent: int | None = None
    inference_ms: int | None = None
    created_at: datetime | None = None
    # The job ended without a clip in a way for which no document promises a refund.
    is_charge_kept: bool = False
    # The parts of our order that the vendor repeats; "" where it repeats nothing.
    reference: str = ""
    image_url: str = ""

    @property
    def has_no_clips(self) -> bool:
        """Whether the job is done and yet has no clip."""
        return self.progress is Progress.DONE and not self.outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """One job to poll: the vendor's id, and when the order was accepted, by which clock."""

    vendor_job_id: str
    accepted_at: datetime
    is_vendor_clock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingOrder:
    """An order that may or may not have arrived: what was sent, and when."""

    reference: str
    image_url: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHint:
    """The content of a vendor's webhook: a reason to poll, never a result."""

    vendor_job_id: str
    progress: Progress = Progress.UNKNOWN

    @property
    def has_news(self) -> bool:
        """Whether polling may show something new: a waiting or running job has no result yet."""
        return self.progress not in {Progress.WAITING, Progress.RUNNING}


class Vendor(Protocol):
    """The interface of every vendor's client: no retries, no sleeps.

    Used as `async with vendor:`, which keeps connections open in between. Every method raises
    VendorError: TryLater or Refused (Moderated, JobNotFound). Methods that cost money or change
    something raise Unsure, too.
    """

    async def __aenter__(self) -> Self:
        """Open the connections."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""

    async def submit(self, order: Order) -> Receipt:
        """Submit an order (or an extension) once."""

    async def report(self, vendor_job_id: str) -> Report:
        """Poll one job; raise JobNotFound where the vendor does not know it."""

    def reports(
        self, queries: Sequence[JobQuery], *, close_jobs_only: bool = False
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Poll many jobs in as few requests as possible; yield each answer's reports by job id.

        Jobs that the vendor's list does not cover are missing from the reports, and are no failure;
        the list may report other jobs as well. With `close_jobs_only`, only jobs accepted at about
        the same time are listed: a page around a single job would hold mostly other jobs.
        """

    def find_orders(
        self, missing: Collection[MissingOrder]
    ) -> AsyncIterator[Mapping[str, Report | None]]:
        """Search for orders whose answer was lost; yield everything known so far, by reference.

        None is an order that is not there (yet): every page that could hold it was read. An order
        without an entry is undecided: the search goes on, or ended before it had read everything.
        The first orders are decided first. A report may say less than the job's own address would.
        Where `offer.can_find_orders` is False, no order is ever decided.
        """

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Upload an image to the vendor and return its address there."""

    async def stop(self, vendor_job_id: str) -> StopResult:
        """Ask the vendor to stop a job."""

    async def delete_jobs(self, vendor_job_ids: Sequence[str]) -> int:
        """Delete finished jobs at the vendor and return how many it says it deleted."""

    async def balance(self) -> Decimal | None:
        """Return the account's balance in USD; None where the vendor does not say."""

    async def price(self, parameters: Mapping[str, Value]) -> Decimal | None:
        """Return today's price of one job in USD; None where the vendor does not say."""

    async def webhook_secret(self) -> str:
        """Return the secret that signs this account's webhooks; "" where they are not signed."""

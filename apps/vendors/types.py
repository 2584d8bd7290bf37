"""What we ask of a video vendor and what we hear back, in our own words."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import TracebackType
from typing import Literal, Protocol, Self

from apps.vendors.offer import Value

# How the key of a hook's signature comes from its secret. WaveSpeedAI's page takes the text as it
# is, yet the page's own example does not verify (docs/vendor-contracts.md, section 1.10; section 6,
# row 8).
Derivation = Literal["text", "base64"]


class Progress(StrEnum):
    """How far a job is at its vendor; UNKNOWN is a word nobody has seen, and no failure."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class StopResult(StrEnum):
    """What became of the wish to stop a job at its vendor."""

    STOPPED = "stopped"
    TOO_LATE = "too_late"
    UNSUPPORTED = "unsupported"  # this vendor has no way to stop a job


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Which clip of which finished job an order goes on from; `number` counts from 0."""

    vendor_job_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One job to be made: the image by address, the words, and the parameters of the offer.

    `reference` is our own word for this one sending (at most 64 letters, digits and dashes). Where the
    vendor has a field for it, it goes along; `image_url` is of this sending alone, so that it is a
    reference as well. `webhook_url` is where the vendor may call when the job has ended; "" for nowhere.
    """

    image_url: str
    prompt: str
    parameters: Mapping[str, Value]
    reference: str = ""
    webhook_url: str = ""
    extends: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The vendor took the order: its own id for it, its own status word, and when, by its own clock."""

    vendor_job_id: str
    vendor_word: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One video that is ready at the vendor; `nsfw` is None where the vendor did not say."""

    url: str
    nsfw: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The state of one job at its vendor."""

    progress: Progress
    vendor_word: str
    vendor_job_id: str = ""
    outputs: tuple[Output, ...] = ()
    reason: str = ""  # in the vendor's own words
    advice: str = ""  # what may help, in ours
    code: int | None = None
    percent: int | None = None
    inference_ms: int | None = None
    created_at: datetime | None = None
    # It ended without a clip in a way that no document gives money back for.
    is_charge_kept: bool = False
    # What of our order the vendor repeats: the reference, and the image's address; "" where it
    # repeats nothing.
    reference: str = ""
    image_url: str = ""

    @property
    def has_no_clips(self) -> bool:
        """Whether it calls the job done and shows no clip."""
        return self.progress is Progress.DONE and not self.outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """A job we ask about in a batch: the vendor's id, and when the vendor took it, by its own clock or by ours."""

    vendor_job_id: str
    taken_at: datetime
    is_vendor_clock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingOrder:
    """An order that may or may not have arrived: what went out, and when."""

    reference: str
    image_url: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHint:
    """What a vendor's call to us says; a reason to ask, never the answer."""

    vendor_job_id: str
    progress: Progress = Progress.UNKNOWN

    @property
    def has_news(self) -> bool:
        """Whether there is something to ask about: a job that is still at it has nothing to show."""
        return self.progress not in {Progress.WAITING, Progress.RUNNING}


class Vendor(Protocol):
    """What every vendor's client offers, one HTTP exchange per verb: no retries, no sleeps.

    Used as `async with vendor:`, which keeps connections open in between. Every verb raises
    VendorError: TryLater, Refused (Moderated, JobNotFound), and those that may cost money or change
    something raise Unsure.
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
        """Place an order (or an extension) once."""

    async def report(self, vendor_job_id: str) -> Report:
        """Ask how one job is doing; JobNotFound where the vendor does not know it."""

    def reports(
        self, asked: Sequence[JobQuery], *, close_jobs_only: bool = False
    ) -> AsyncIterator[Mapping[str, Report]]:
        """Ask about many jobs in as few exchanges as can be; yield each answer as it comes, by the vendor's id.

        What the vendor's list cannot say is missing from the answers, and is no failure; what it
        says beyond the question is in them. With `close_jobs_only` the list is for jobs taken at about
        the same time: where they are any of many, a page of the list would hold little else than
        others.
        """

    def find_orders(
        self, missing: Collection[MissingOrder]
    ) -> AsyncIterator[Mapping[str, Report | None]]:
        """Search for orders whose answer was lost; yield everything known so far, by reference.

        None is an order that is not there (yet): all was read where it could be. Missing is one of
        which nobody can say so: the search goes on, or came to an end before it had read
        everything. The first orders are read to the end first. A report may say less than the job's
        own address would. Where `offer.can_find_orders` is False, nothing is ever known.
        """

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        """Give the vendor a picture and return the address it has there."""

    async def stop(self, vendor_job_id: str) -> StopResult:
        """Ask the vendor to stop a job."""

    async def delete_jobs(self, vendor_job_ids: Sequence[str]) -> int:
        """Have finished jobs deleted at the vendor; return how many it says it deleted."""

    async def balance(self) -> Decimal | None:
        """Return what is left on the account in USD; None where the vendor does not say."""

    async def price(self, parameters: Mapping[str, Value]) -> Decimal | None:
        """Return what one job costs today in USD; None where the vendor does not say."""

    async def webhook_secret(self) -> str:
        """Return the secret with which this account's hooks are signed; "" where they are not."""

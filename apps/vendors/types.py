"""What we ask of a video vendor and what we hear back, in our own words."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import product
from types import TracebackType
from typing import Literal, Protocol, Self

Value = str | int | float | bool
# Name and value of each setting that decides the price beside the model.
PriceValues = tuple[tuple[str, object], ...]
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


class FailedJobCharge(StrEnum):
    """What a vendor does with the money of a job that failed."""

    REFUNDED_LATER = "refunded_later"  # charged now, given back after a while
    NEVER_CHARGED = "never_charged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting that a vendor's model takes, with the vendor's own limits."""

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    default: Value | None = None
    # What we send where nobody chose and the vendor documents no default.
    unset: Value | None = None
    choices: tuple[Value, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    label: str = ""
    help: str = ""
    # Midjourney documents that its video model ignores this one (docs/vendor-contracts.md, section
    # 4).
    may_have_no_effect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The documented price of one order, in USD, and its source.

    `variant` is the text of `Offer.variant_for`; "" where the price holds for all variants.
    """

    model: str
    variant: str
    usd: Decimal
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a vendor allows an account of this standing (docs/vendor-contracts.md, section 1.11)."""

    name: str
    orders_per_minute: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One generation of a model that a vendor sells: its address, parameters, prices and manners."""

    vendor: str
    vendor_name: str
    model: str
    schema_version: str
    schema_name: str  # in words of who orders: what this form of the order has that others lack
    base_url: str
    parameters: tuple[Parameter, ...]
    tariffs: tuple[Tariff, ...] = ()
    tiers: tuple[Tier, ...] = ()
    prompt_required: bool = True
    # Where a setting decides which model is charged: the setting's name, and the model by its
    # value.
    model_setting: str = ""
    models: Mapping[Value, str] | None = None
    # Further settings that decide the price, in the order in which people are shown them.
    price_settings: tuple[str, ...] = ()
    # The setting that chooses the clip's shape; "" where the image decides.
    shape_setting: str = ""
    takes_per_order: int = 1
    # The setting that chooses the clip's seconds; "" where every clip has `clip_seconds`.
    length_setting: str = ""
    clip_seconds: int = 5
    # Seconds that one extension adds; 0 where the vendor has none.
    extension_seconds: int = 0
    # The longest clip with all its extensions.
    max_seconds: int = 5
    failed_job_charge: FailedJobCharge = FailedJobCharge.REFUNDED_LATER
    can_find_orders: bool = (
        False  # whether Vendor.find_orders() can see an order whose answer was lost
    )
    can_stop: bool = True  # False where no document names a way; True is worth a try, no promise
    can_delete: bool = False  # whether Vendor.delete_jobs() deletes anything
    has_live_price: bool = False
    has_balance: bool = False
    has_signed_webhooks: bool = False
    # Asking more often than this, in seconds, tells nothing new.
    min_poll_seconds: float = 2.0
    # How long the vendor keeps outputs and records, in days; 0 where it does not say.
    retention_days: int = 7

    def model_of(self, parameters: Mapping[str, object]) -> str:
        """Return the model that is charged for a job with these parameters."""
        chosen = parameters.get(self.model_setting)
        return (
            (self.models or {}).get(chosen, self.model) if isinstance(chosen, Value) else self.model
        )

    def price_values(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """Return the values of the settings that decide the price beside the model."""
        return {name: parameters[name] for name in self.price_settings if name in parameters}

    def variant_for(self, parameters: Mapping[str, object]) -> str:
        """Return the text under which the price book keeps the price, such as `480p`."""
        return ", ".join(str(value) for value in self.price_values(parameters).values())

    def tariff_for(self, parameters: Mapping[str, object]) -> Tariff | None:
        """Return the documented price of one order; None where no document has one."""
        model = self.model_of(parameters)
        fitting = {(model, self.variant_for(parameters)), (model, "")}
        return next((one for one in self.tariffs if (one.model, one.variant) in fitting), None)

    def choices_of(self, name: str) -> tuple[Value, ...]:
        """Return the choices of a setting; none where the offer has no such setting."""
        return next((one.choices for one in self.parameters if one.name == name), ())

    @property
    def shapes(self) -> tuple[Value, ...]:
        """The shapes to choose from; none where the image decides."""
        return self.choices_of(self.shape_setting) if self.shape_setting else ()

    @property
    def priced_parameters(self) -> list[dict[str, Value]]:
        """One set of parameters for each price there can be, for one model."""
        choices = [self.choices_of(name) for name in self.price_settings]
        return [dict(zip(self.price_settings, values, strict=True)) for values in product(*choices)]

    def seconds_of(self, parameters: Mapping[str, object], extensions: int = 0) -> int:
        """Return the length of a clip with so many extensions."""
        chosen = parameters.get(self.length_setting)
        first = chosen if isinstance(chosen, int) else self.clip_seconds
        return first + self.extension_seconds * extensions


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
        """Ask how one job is doing; Lost where the vendor does not know it."""

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

"""What we ask of a video vendor and what we hear back, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

Value = str | int | float | bool


class Progress(StrEnum):
    """How far a job is at its vendor; UNKNOWN is a word nobody has seen, and no failure."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


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
    # Midjourney documents that its video model ignores this one (contracts, section 4).
    may_have_no_effect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that a vendor sells: its address, parameters, and documented price in USD by resolution."""

    vendor: str
    vendor_name: str
    model: str
    schema_version: str
    base_url: str
    parameters: tuple[Parameter, ...]
    prices: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One job to be made: the image by address, the words, and the parameters of the offer."""

    image_url: str
    prompt: str
    parameters: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The vendor took the order: its own id for it and its own status word."""

    vendor_job_id: str
    vendor_word: str = ""


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
    outputs: tuple[Output, ...] = ()
    reason: str = ""
    code: int | None = None
    inference_ms: int | None = None
    created_at: datetime | None = None


class Vendor(Protocol):
    """What every vendor's client offers: two verbs, no retries, no sleeps."""

    def submit(self, order: Order) -> Receipt:
        """Place an order once; raise TryLater, Refused, Moderated or Unsure."""

    def result(self, vendor_job_id: str) -> Report:
        """Ask once how a job is doing; raise TryLater or Refused."""

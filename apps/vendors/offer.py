"""The offers of a vendor: parameters, prices, limits and abilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import product

Value = str | int | float | bool
# Name and value of each setting that decides the price beside the model.
PriceValues = tuple[tuple[str, object], ...]


class FailedJobCharge(StrEnum):
    """Whether a vendor charges for a job that failed."""

    REFUNDED_LATER = "refunded_later"  # charged first, refunded later
    NEVER_CHARGED = "never_charged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting that a vendor's model takes, with the vendor's own limits."""

    name: str
    kind: type[str] | type[int] | type[float] | type[bool]
    default: Value | None = None
    # The value sent where nothing was chosen and the vendor documents no default.
    unset: Value | None = None
    choices: tuple[Value, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    label: str = ""
    help: str = ""
    # Midjourney's video model ignores this setting (docs/vendor-contracts.md, section 4).
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
    """The limits of an account level (docs/vendor-contracts.md, section 1.11)."""

    name: str
    orders_per_minute: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One form in which a vendor sells a model: address, parameters, prices and abilities."""

    vendor: str
    vendor_name: str
    model: str
    schema_version: str
    schema_name: str  # what this form of the order has that others lack, for people
    base_url: str
    parameters: tuple[Parameter, ...]
    tariffs: tuple[Tariff, ...] = ()
    tiers: tuple[Tier, ...] = ()
    prompt_required: bool = True
    # The setting that decides which model is charged, if any, and the model by its value.
    model_setting: str = ""
    models: Mapping[Value, str] | None = None
    # Further settings that decide the price, in the order in which they are shown.
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
    # Whether Vendor.find_orders() can find an order whose answer was lost.
    can_find_orders: bool = False
    # False where no document names a way; True is worth a try, no promise.
    can_stop: bool = True
    can_delete: bool = False
    has_live_price: bool = False
    has_balance: bool = False
    has_signed_webhooks: bool = False
    # Polling more often than this tells nothing new.
    min_poll_seconds: float = 2.0
    # How long the vendor keeps outputs and records; 0 where it does not say.
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

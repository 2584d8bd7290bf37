"""The offers of a vendor: parameters, prices, limits and abilities."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import product

Value = str | int | float | bool
# Name and value of each setting that decides the price beside the model.
PriceValues = tuple[tuple[str, object], ...]
SHAPE = re.compile(r"[1-9][0-9]*:[1-9][0-9]*")  # width and height, such as 16:9


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
    minimum: float | None = None
    maximum: float | None = None
    label: str = ""
    help: str = ""
    # Midjourney's video model ignores this setting (docs/vendor-contracts.md, section 4).
    may_have_no_effect: bool = False

    def __post_init__(self) -> None:
        """Refuse limits that would never be applied, and choices that could never be chosen."""
        has_range = self.minimum is not None or self.maximum is not None
        if has_range and self.kind not in {int, float}:
            raise ValueError(f"{self.name}: only a number has a minimum or a maximum.")
        given = [value for value in (self.default, self.unset) if value is not None]
        for value in (*self.choices, *given):
            if type(value) is not self.kind and (type(value), self.kind) != (int, float):
                raise ValueError(f"{self.name}: {value!r} is no {self.kind.__name__}.")
        for value in given:
            if self.choices and value not in self.choices:
                raise ValueError(f"{self.name}: {value!r} is not among its choices.")


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
    # Whether a `--flag` in a prompt overrides the parameters; such prompts are refused.
    prompt_flags_override: bool = False
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

    def __post_init__(self) -> None:
        """Refuse an offer whose settings, models, shapes, lengths or prices don't fit together."""
        for fault in self._faults():
            raise ValueError(f"{self.vendor_name}, form {self.schema_version}: {fault}")

    def _faults(self) -> Iterator[str]:
        yield from self._faults_of_settings()
        # What follows reads the choices of these settings.
        yield from self._faults_of_models()
        yield from self._faults_of_tariffs()
        yield from self._faults_of_lengths()
        for shape in self.shapes:
            if not SHAPE.fullmatch(str(shape)):
                yield f"the shape {shape!r} must be width and height, such as 16:9."

    def _faults_of_settings(self) -> Iterator[str]:
        counts = Counter(one.name for one in self.parameters)
        for name, count in counts.items():
            if count > 1:
                yield f"the parameter “{name}” stands there {count} times."
        for field, names in self._deciding_settings.items():
            for name in names:
                if name not in counts:
                    yield f"{field} names “{name}”, which is not among the parameters."
                elif not self.choices_of(name):
                    yield f"{field} names “{name}”, which needs choices instead of a range."
                elif self.default_of(name) is None:
                    yield f"{field} names “{name}”, which needs a default."

    @property
    def _deciding_settings(self) -> dict[str, tuple[str, ...]]:
        """The names of the settings that decide something, by the field that names them."""
        single = {
            "model_setting": self.model_setting,
            "shape_setting": self.shape_setting,
            "length_setting": self.length_setting,
        }
        chosen = {field: (name,) for field, name in single.items() if name}
        return {**chosen, "price_settings": self.price_settings}

    def _faults_of_models(self) -> Iterator[str]:
        choices, named = self.choices_of(self.model_setting), set(self.models or {})
        if named != set(choices):
            yield "models must name one model for each choice of model_setting."

    def _faults_of_tariffs(self) -> Iterator[str]:
        """Yield where a model has prices for some variants only, or prices nobody can order."""
        variants = {self.variant_for(one) for one in self.priced_parameters}
        models = {self.model, *(self.models or {}).values()}
        priced: dict[str, set[str]] = {}
        for one in self.tariffs:
            priced.setdefault(one.model, set()).add(one.variant)
        for model, found in priced.items():
            if model not in models:
                yield f"a tariff names “{model}”, which is none of its models."
            if unknown := found - variants - {""}:
                yield f"a tariff names “{min(unknown)}”, which no price setting can choose."
            if "" not in found and (missing := variants - found):
                yield f"“{model}” has tariffs, but none for “{min(missing)}”."

    def _faults_of_lengths(self) -> Iterator[str]:
        lengths = self.choices_of(self.length_setting) or (self.clip_seconds,)
        whole = [one for one in lengths if type(one) is int and one > 0]
        if len(whole) < len(lengths):
            yield "a clip's length must be whole seconds, as numbers."
        elif max(whole) > self.max_seconds:
            yield f"max_seconds is {self.max_seconds}, but a clip can have {max(whole)} s."

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

    def default_of(self, name: str) -> Value | None:
        """Return the default of a setting; None where there is none, or no such setting."""
        return next((one.default for one in self.parameters if one.name == name), None)

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
        chosen = parameters.get(self.length_setting, self.default_of(self.length_setting))
        first = chosen if isinstance(chosen, int) else self.clip_seconds
        return first + self.extension_seconds * extensions

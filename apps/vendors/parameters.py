"""Checks values against a vendor's parameters, so that nothing undocumented is ever sent."""

import math
from collections.abc import Mapping

from apps.vendors.errors import Refused
from apps.vendors.offer import Offer, Parameter, Value

NOUNS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


class BadParameter(Refused):
    """A value that the vendor does not accept; `field` is the parameter's name."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


def check_parameters(offer: Offer, values: Mapping[str, object]) -> dict[str, Value]:
    """Return the values to send, in the offer's order; raise BadParameter."""
    known = {parameter.name for parameter in offer.parameters}
    for name in values:
        if name not in known:
            raise BadParameter(f"{offer.vendor_name} has no parameter called “{name}”.", field=name)
    chosen = ((parameter, _chosen_value(parameter, values)) for parameter in offer.parameters)
    return {parameter.name: value for parameter, value in chosen if value is not None}


def _chosen_value(parameter: Parameter, values: Mapping[str, object]) -> Value | None:
    given = values.get(parameter.name)
    if given is not None:
        return check_value(parameter, given)
    return parameter.default if parameter.default is not None else parameter.unset


def check_value(parameter: Parameter, given: object) -> Value:
    """Return one value in the type the vendor expects, or raise BadParameter."""
    value = _typed_value(parameter, given)
    if parameter.choices:
        return _choice(parameter, value)
    if not isinstance(value, bool | str) and not _within(parameter, value):
        raise _bad(parameter, _range(parameter))
    return value


def _typed_value(parameter: Parameter, given: object) -> Value:
    """Accept a whole float as an integer and any number as a float, but no text as a number."""
    kind = parameter.kind
    if type(given) is kind:
        value = given
    elif kind is int and isinstance(given, float) and given.is_integer():
        value = int(given)
    elif kind is float and type(given) is int:
        value = given
    else:
        raise _bad(parameter, NOUNS[kind])
    if isinstance(value, float) and not math.isfinite(value):
        raise _bad(parameter, NOUNS[kind])
    return value


def _choice(parameter: Parameter, value: Value) -> Value:
    for choice in parameter.choices:
        if value == choice:
            return choice
    raise _bad(parameter, "one of " + ", ".join(str(choice) for choice in parameter.choices))


def _within(parameter: Parameter, value: float) -> bool:
    above = parameter.minimum is None or value >= parameter.minimum
    below = parameter.maximum is None or value <= parameter.maximum
    return above and below


def _range(parameter: Parameter) -> str:
    if parameter.minimum is None:
        return f"{parameter.maximum} or less"
    if parameter.maximum is None:
        return f"{parameter.minimum} or more"
    return f"{NOUNS[parameter.kind]} from {parameter.minimum} to {parameter.maximum}"


def _bad(parameter: Parameter, what: str) -> BadParameter:
    name = f"{parameter.label} ({parameter.name})" if parameter.label else parameter.name
    return BadParameter(f"{name} must be {what}.", field=parameter.name)

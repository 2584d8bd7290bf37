"""A vendor's parameters as form fields."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.core.formatting import usd
from apps.jobs.models import VendorAccount
from apps.jobs.services import price_of
from apps.vendors.offer import Offer, Parameter, Value

# A clip within the vendor's answer is of no use: clips are downloaded from their address.
NOT_ASKED = {"enable_base64_output"}


def parameters_to_ask(offer: Offer) -> list[Parameter]:
    """Return the parameters that people are asked for."""
    return [one for one in offer.parameters if one.name not in NOT_ASKED]


def deciding(offer: Offer) -> set[str]:
    """Return the names of the parameters that decide the price."""
    return {*offer.price_settings, offer.model_setting} - {""}


def field_for(
    parameter: Parameter, account: VendorAccount, chosen: Mapping[str, Value]
) -> forms.Field:
    """Return the form field of one vendor parameter, with the vendor's own limits.

    `chosen` is what stands in those that decide the price: beside each choice stands what it costs
    with them.
    """
    common: dict[str, Any] = {
        "label": parameter.label,
        "help_text": parameter.help,
        "required": False,
        "initial": parameter.default,
    }
    if parameter.choices:
        choices = [
            (str(choice), _choice_label(parameter, choice, account, chosen))
            for choice in parameter.choices
        ]
        return forms.ChoiceField(choices=choices, **common)
    if parameter.kind in {int, float}:
        number = forms.IntegerField if parameter.kind is int else forms.FloatField
        limits: dict[str, Any] = {"min_value": parameter.minimum, "max_value": parameter.maximum}
        return number(**limits, **common)
    if parameter.kind is bool:
        return forms.BooleanField(**common)
    return forms.CharField(**common)


def _choice_label(
    parameter: Parameter, choice: Value, account: VendorAccount, chosen: Mapping[str, Value]
) -> str:
    if parameter.name not in deciding(account.offer):
        return str(choice)
    price = price_of(account, {**chosen, parameter.name: choice})
    return f"{choice} · {_('price unknown') if price is None else usd(price)}"


def value_of(parameter: Parameter, text: Any) -> Any:
    """Return a form's value in the vendor's type; None for a parameter that is not set."""
    if text in (None, ""):
        return None
    for choice in parameter.choices:
        if str(choice) == str(text):
            return choice
    return text

"""Checks of an order's body in its three forms (docs/vendor-contracts.md, section 1.2)."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from apps.sandbox.context import parse_object
from apps.sandbox.wavespeed.parameters import FIRST, MAX_SEED, MODEL, PRICES, THIRD
from apps.vendors.offer import Parameter, Value
from apps.vendors.parameters import BadParameter, check_value

MAX_TEXT_CHARACTERS = 8000


class BadOrder(Exception):
    """An order that is refused; the message names the wrong key and what it must be."""


def parse_order(raw: bytes) -> dict[str, Value]:
    """Return the checked input of an order with all keys of its form, and a drawn seed."""
    body = parse_object(raw)
    if body is None:
        raise BadOrder("The body must be a JSON object.")
    table = THIRD if _is_third(body) else FIRST
    words = {"image": _image(body.pop("image", None))}
    if table is FIRST or "prompt" in body:
        words["prompt"] = _required_text("prompt", body.pop("prompt", None))
    rest = _check_values(table, _without_nulls(body))
    if rest.get("seed") == -1:
        rest["seed"] = secrets.randbelow(MAX_SEED + 1)
    return {**words, **rest}


def drawing_of(order: Mapping[str, Value]) -> dict[str, Value]:
    """Return the parameters of the drawing; form 3 has a hidden seed and the image's shape."""
    return {"prompt": "", "seed": secrets.randbelow(MAX_SEED + 1), **order}


def price_of(order: Mapping[str, object]) -> Decimal | None:
    """Return the price of an order; None where there is no such resolution."""
    return PRICES.get(str(order.get("resolution", "480p")))


def _is_third(body: Mapping[str, object]) -> bool:
    """Return whether this is form 3: it has motion or no prompt, and none of the older keys."""
    old = {parameter.name for parameter in FIRST} - {parameter.name for parameter in THIRD}
    return ("motion" in body or "prompt" not in body) and not old & body.keys()


def _check_values(table: tuple[Parameter, ...], body: Mapping[str, object]) -> dict[str, Value]:
    known = {parameter.name: parameter for parameter in table}
    for name in body:
        if name not in known:
            raise BadOrder(f"{name} is not a parameter of {MODEL}.")
    try:
        checked = {name: check_value(known[name], value) for name, value in body.items()}
    except BadParameter as error:
        raise BadOrder(str(error)) from None
    complete = {name: checked.get(name, parameter.default) for name, parameter in known.items()}
    return {name: value for name, value in complete.items() if value is not None}


def _required_text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadOrder(f"{name} is required and must be a text.")
    if len(value) > MAX_TEXT_CHARACTERS:
        raise BadOrder(f"{name} must be no longer than {MAX_TEXT_CHARACTERS} characters.")
    return value.encode("utf-8", "replace").decode()


def _image(value: object) -> str:
    image = _required_text("image", value).strip()
    try:
        good = urlsplit(image).scheme in {"http", "https"}
    except ValueError:
        good = False
    if not good:
        raise BadOrder("image must be an address that starts with http:// or https://.")
    return image


def _without_nulls(body: dict[str, object]) -> dict[str, object]:
    for name, value in body.items():
        if value is None:
            raise BadOrder(f"{name} must not be null; leave it out instead.")
    return body

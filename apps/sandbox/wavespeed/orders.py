"""Which orders are taken, in each of the three generations of the body (vendor contracts 1.2)."""

import secrets
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from apps.sandbox.desk import as_object
from apps.sandbox.wavespeed.tables import FIRST, LARGEST_SEED, MODEL, PRICES, THIRD
from apps.vendors.parameters import BadParameter, checked_value
from apps.vendors.types import Parameter, Value

LONGEST_TEXT = 8000


class BadOrder(Exception):
    """An order that is not taken; the message says which key is wrong and what it must be."""


def read_order(raw: bytes) -> dict[str, Value]:
    """Return the complete input of an order, every key present and checked, a seed drawn where one belongs."""
    body = as_object(raw)
    if body is None:
        raise BadOrder("The body must be a JSON object.")
    table = THIRD if _is_third(body) else FIRST
    words = {"image": _image(body.pop("image", None))}
    if table is FIRST or "prompt" in body:
        words["prompt"] = _text("prompt", body.pop("prompt", None))
    rest = _checked(table, _without_nulls(body))
    if rest.get("seed") == -1:
        rest["seed"] = secrets.randbelow(LARGEST_SEED + 1)
    return {**words, **rest}


def wish_of(order: Mapping[str, Value]) -> dict[str, Value]:
    """Return what is to be drawn: the third generation draws its seed unseen, and its shape is the image's."""
    return {"prompt": "", "seed": secrets.randbelow(LARGEST_SEED + 1), **order}


def price_of(order: Mapping[str, object]) -> Decimal | None:
    """Return what an order costs; None where there is no such resolution."""
    return PRICES.get(str(order.get("resolution", "480p")))


def _is_third(body: Mapping[str, object]) -> bool:
    """Tell the third generation: it may say motion or leave the prompt out, and knows none of the old keys."""
    old = {parameter.name for parameter in FIRST} - {parameter.name for parameter in THIRD}
    return ("motion" in body or "prompt" not in body) and not old & body.keys()


def _checked(table: tuple[Parameter, ...], body: Mapping[str, object]) -> dict[str, Value]:
    known = {parameter.name: parameter for parameter in table}
    for name in body:
        if name not in known:
            raise BadOrder(f"{name} is not a parameter of {MODEL}.")
    try:
        given = {name: checked_value(known[name], value) for name, value in body.items()}
    except BadParameter as error:
        raise BadOrder(str(error)) from None
    every = {name: given.get(name, parameter.default) for name, parameter in known.items()}
    return {name: value for name, value in every.items() if value is not None}


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadOrder(f"{name} is required and must be a text.")
    if len(value) > LONGEST_TEXT:
        raise BadOrder(f"{name} must be no longer than {LONGEST_TEXT} characters.")
    return value.encode("utf-8", "replace").decode()


def _image(value: object) -> str:
    image = _text("image", value).strip()
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

"""WaveSpeedAI's balance of an account and price of a job."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from apps.vendors.errors import TryLater
from apps.vendors.http import Answer, HttpClient
from apps.vendors.offer import Offer, Value
from apps.vendors.wavespeed.answers import Fields, fields, is_not_found, is_success, unwrap
from apps.vendors.wavespeed.answers_to_errors import error_of_query
from apps.vendors.wavespeed.queries import query

MAX_AMOUNT_CHARACTERS = 30
MAX_AMOUNT_USD = 10**9


async def balance(http: HttpClient) -> Decimal | None:
    """Return the account's balance; documents disagree about the address.

    Source: docs/vendor-contracts.md, section 6, row 9.
    """
    answer = await query(http, "GET", "/api/v3/balance", "/api/v3/account/balance")
    data = _answer_fields(answer)
    return _amount(data.get("balance")) if _in_dollars(data) else None


async def price(http: HttpClient, offer: Offer, parameters: Mapping[str, Value]) -> Decimal | None:
    """Return the price of one job; the second address is the legacy one.

    Source: docs/vendor-contracts.md, section 1.7.
    """
    body = {"model_id": offer.model, "inputs": dict(parameters)}
    answer = await query(http, "POST", "/api/v3/model/price", "/api/v3/model/pricing", json=body)
    data = _answer_fields(answer)
    return _price(data) if _in_dollars(data) else None


def _answer_fields(answer: Answer) -> Fields:
    """Return the content of an answer; an empty object where the vendor has no such address."""
    if is_not_found(answer):
        return {}
    if not is_success(answer):
        raise error_of_query(answer)
    if not isinstance(answer.json, dict):
        raise TryLater("WaveSpeedAI's answer cannot be read; we ask again later.")
    return fields(unwrap(answer.json))


def _in_dollars(data: Fields) -> bool:
    currency = data.get("currency") or "USD"
    return isinstance(currency, str) and currency.upper() == "USD"


def _price(data: Fields) -> Decimal | None:
    """Return the lowest price (`unit_price` is legacy); 0 is an empty field, no price."""
    named = (_amount(data.get(name)) for name in ("discounted_price", "price", "unit_price"))
    return min((amount for amount in named if amount is not None and amount > 0), default=None)


def _amount(value: object) -> Decimal | None:
    """Return an amount exactly as it is written, without the error of binary floats."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value)
    try:
        amount = Decimal(text) if len(text) <= MAX_AMOUNT_CHARACTERS else None
    except InvalidOperation:
        return None
    return (
        amount
        if amount is not None and amount.is_finite() and abs(amount) < MAX_AMOUNT_USD
        else None
    )

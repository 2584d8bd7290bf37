"""What WaveSpeedAI says about money: the balance of the account and the price of a job today."""

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
    """Return what is left; documents disagree about the address.

    Source: docs/vendor-contracts.md, section 6, row 9.
    """
    answer = await query(http, "GET", "/api/v3/balance", "/api/v3/account/balance")
    said = _answer_fields(answer)
    return _amount(said.get("balance")) if _in_dollars(said) else None


async def price(http: HttpClient, offer: Offer, parameters: Mapping[str, Value]) -> Decimal | None:
    """Return what one job costs; the second address is the legacy one.

    Source: docs/vendor-contracts.md, section 1.7.
    """
    question = {"model_id": offer.model, "inputs": dict(parameters)}
    answer = await query(
        http, "POST", "/api/v3/model/price", "/api/v3/model/pricing", json=question
    )
    said = _answer_fields(answer)
    return _price(said) if _in_dollars(said) else None


def _answer_fields(answer: Answer) -> Fields:
    """Return what the answer holds; nothing where the vendor knows no such address."""
    if is_not_found(answer):
        return {}
    if not is_success(answer):
        raise error_of_query(answer)
    if not isinstance(answer.json, dict):
        raise TryLater("WaveSpeedAI's answer cannot be read; we ask again later.")
    return fields(unwrap(answer.json))


def _in_dollars(said: Fields) -> bool:
    currency = said.get("currency") or "USD"
    return isinstance(currency, str) and currency.upper() == "USD"


def _price(said: Fields) -> Decimal | None:
    """Return the lowest that is named (`unit_price` is legacy); no job is free: 0 is a field nobody filled."""
    named = (_amount(said.get(name)) for name in ("discounted_price", "price", "unit_price"))
    return min((amount for amount in named if amount is not None and amount > 0), default=None)


def _amount(value: object) -> Decimal | None:
    """Read an amount as it is written, not as binary floats have it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    words = str(value)
    try:
        amount = Decimal(words) if len(words) <= MAX_AMOUNT_CHARACTERS else None
    except InvalidOperation:
        return None
    return (
        amount
        if amount is not None and amount.is_finite() and abs(amount) < MAX_AMOUNT_USD
        else None
    )

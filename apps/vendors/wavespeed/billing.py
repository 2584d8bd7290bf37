"""What WaveSpeedAI says about money: the balance of the account and the price of a job today."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from apps.vendors.errors import TryLater
from apps.vendors.http import Answer, Wire
from apps.vendors.types import Offer, Value
from apps.vendors.wavespeed.answers import Fields, fields, knows_not, says_yes, unwrapped
from apps.vendors.wavespeed.answers_to_errors import trouble_of_look
from apps.vendors.wavespeed.queries import ask

LONGEST_AMOUNT = 30
LARGEST_AMOUNT = 10**9


async def balance(wire: Wire) -> Decimal | None:
    """Return what is left; documents disagree about the address.

    Source: docs/vendor-contracts.md, section 6, row 9.
    """
    answer = await ask(wire, "GET", "/api/v3/balance", "/api/v3/account/balance")
    said = _said(answer)
    return _amount(said.get("balance")) if _in_dollars(said) else None


async def price(wire: Wire, offer: Offer, parameters: Mapping[str, Value]) -> Decimal | None:
    """Return what one job costs; the second address is the legacy one.

    Source: docs/vendor-contracts.md, section 1.7.
    """
    question = {"model_id": offer.model, "inputs": dict(parameters)}
    answer = await ask(wire, "POST", "/api/v3/model/price", "/api/v3/model/pricing", json=question)
    said = _said(answer)
    return _price(said) if _in_dollars(said) else None


def _said(answer: Answer) -> Fields:
    """Return what the answer holds; nothing where the vendor knows no such address."""
    if knows_not(answer):
        return {}
    if not says_yes(answer):
        raise trouble_of_look(answer)
    if not isinstance(answer.json, dict):
        raise TryLater("WaveSpeedAI's answer cannot be read; we ask again later.")
    return fields(unwrapped(answer.json))


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
        amount = Decimal(words) if len(words) <= LONGEST_AMOUNT else None
    except InvalidOperation:
        return None
    return (
        amount
        if amount is not None and amount.is_finite() and abs(amount) < LARGEST_AMOUNT
        else None
    )

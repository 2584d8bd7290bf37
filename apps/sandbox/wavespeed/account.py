"""WaveSpeedAI's routes for balance, prices and the webhook secret.

Source: docs/vendor-contracts.md, section 1.7.
"""

from decimal import Decimal
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.context import SandboxContext, json_error, read_object
from apps.sandbox.wavespeed.answers import envelope
from apps.sandbox.wavespeed.orders import price_of
from apps.sandbox.wavespeed.parameters import MODEL

# The balance that an account without a limit reports before its first order.
UNLIMITED_BALANCE = Decimal(1_000_000)


async def balance(context: SandboxContext, _request: Request) -> Response:
    """Return the balance in USD."""
    return JSONResponse(envelope({"balance": await _balance_left(context)}))


async def account_balance(context: SandboxContext, _request: Request) -> Response:
    """Return the balance in the form of the older pages."""
    return JSONResponse(envelope({"balance": await _balance_left(context), "currency": "USD"}))


async def price(_context: SandboxContext, request: Request) -> Response:
    """Return the price of an order."""
    usd = _price(await read_object(request))
    if usd is None:
        return json_error(400, "There is no price for this model with these inputs.")
    body = {
        "price": float(usd),
        "discounted_price": float(usd),
        "discount_rate": 1,
        "currency": "USD",
    }
    return JSONResponse(envelope(body))


async def model_pricing(_context: SandboxContext, request: Request) -> Response:
    """Return the price of an order in the form of the older pages."""
    usd = _price(await read_object(request))
    if usd is None:
        return json_error(400, "There is no price for this model with these inputs.")
    return JSONResponse(envelope({"unit_price": float(usd), "currency": "USD"}))


async def secret(context: SandboxContext, _request: Request) -> Response:
    """Return the secret that signs this account's webhooks."""
    return JSONResponse(envelope({"secret": context.settings.secret}))


def _price(body: dict[str, Any]) -> Decimal | None:
    inputs = body.get("inputs") or {}
    return price_of(inputs) if body.get("model_id") == MODEL and isinstance(inputs, dict) else None


async def _balance_left(context: SandboxContext) -> float:
    allowance = UNLIMITED_BALANCE if context.settings.balance is None else context.settings.balance
    return float(allowance - await run_in_threadpool(context.store.total_spent))

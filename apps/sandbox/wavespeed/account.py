"""WaveSpeedAI's doors for the account: balance, prices, the secret of the calls (vendor contracts 1.7)."""

from decimal import Decimal
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.desk import Desk, object_of, plain
from apps.sandbox.wavespeed.answers import envelope
from apps.sandbox.wavespeed.orders import price_of
from apps.sandbox.wavespeed.tables import MODEL

# What an account without a limit says it has, before it has spent anything.
PLENTY = Decimal(1_000_000)


async def balance(desk: Desk, _request: Request) -> Response:
    """Tell what is left, in USD."""
    return JSONResponse(envelope({"balance": await _left(desk)}))


async def older_balance(desk: Desk, _request: Request) -> Response:
    """Tell what is left as the older documents have it."""
    return JSONResponse(envelope({"balance": await _left(desk), "currency": "USD"}))


async def price(_desk: Desk, request: Request) -> Response:
    """Tell what an order would cost."""
    usd = _priced(await object_of(request))
    if usd is None:
        return plain(400, "There is no price for this model with these inputs.")
    told = {
        "price": float(usd),
        "discounted_price": float(usd),
        "discount_rate": 1,
        "currency": "USD",
    }
    return JSONResponse(envelope(told))


async def older_price(_desk: Desk, request: Request) -> Response:
    """Tell what an order would cost as the older documents have it."""
    usd = _priced(await object_of(request))
    if usd is None:
        return plain(400, "There is no price for this model with these inputs.")
    return JSONResponse(envelope({"unit_price": float(usd), "currency": "USD"}))


async def secret(desk: Desk, _request: Request) -> Response:
    """Tell what calls to this account's customers are signed with."""
    return JSONResponse(envelope({"secret": desk.settings.secret}))


def _priced(body: dict[str, Any]) -> Decimal | None:
    inputs = body.get("inputs") or {}
    return price_of(inputs) if body.get("model_id") == MODEL and isinstance(inputs, dict) else None


async def _left(desk: Desk) -> float:
    allowance = PLENTY if desk.settings.balance is None else desk.settings.balance
    return float(allowance - await run_in_threadpool(desk.store.spent))

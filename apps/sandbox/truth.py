"""Doors no vendor has: what really happened, which faults are on, and what time it is."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.desk import Desk, object_of, plain
from apps.sandbox.faults import FAULTS

FARTHEST = 100 * 365 * 24 * 3600.0


async def ledger(desk: Desk, _request: Request) -> Response:
    """Show what was charged and given back, one line per job; tests count it."""
    return JSONResponse(await run_in_threadpool(desk.store.ledger))


async def jobs(desk: Desk, _request: Request) -> Response:
    """Show every job there ever was, and what became of it."""
    return JSONResponse(await run_in_threadpool(desk.store.truth))


async def faults(desk: Desk, _request: Request) -> Response:
    """Show how often which faults are drawn, and from which seed."""
    return JSONResponse(await run_in_threadpool(desk.notes.faults))


async def set_faults(desk: Desk, request: Request) -> Response:
    """Set how often which faults are drawn for the orders to come; what is not named is never drawn."""
    body = await object_of(request)
    rates, seed = body.get("rates", {}), body.get("seed", 0)
    if not isinstance(seed, int) or not isinstance(rates, dict):
        return plain(400, "rates must be an object, and seed a whole number.")
    for name, rate in rates.items():
        if name not in FAULTS:
            return plain(400, f"There is no fault called {name}.")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            return plain(400, f"The rate of {name} must be a number from 0 to 1.")
    await run_in_threadpool(desk.notes.keep, "faults", {"rates": rates, "seed": seed})
    return JSONResponse({"rates": rates, "seed": seed})


async def known_faults(_desk: Desk, _request: Request) -> Response:
    """Show the table of all faults."""
    return JSONResponse([_line(asdict(fault)) for fault in FAULTS.values()])


async def clock(desk: Desk, _request: Request) -> Response:
    """Tell the sandbox's time."""
    return JSONResponse({"now": desk.clock.now(), "ahead": desk.clock.ahead})


async def set_clock(desk: Desk, request: Request) -> Response:
    """Put the sandbox's clock ahead by some seconds more."""
    ahead = (await object_of(request)).get("ahead")
    if (
        isinstance(ahead, bool)
        or not isinstance(ahead, int | float)
        or not 0 <= ahead <= FARTHEST - desk.clock.ahead
    ):
        return plain(400, "ahead must be a number of seconds; time does not run backwards.")
    await run_in_threadpool(desk.clock.forward, float(ahead))
    return await clock(desk, request)


def _line(fault: Mapping[str, Any]) -> dict[str, Any]:
    sets = {name: sorted(fault[name]) for name in ("contracts", "clip")}
    return {**fault, **sets}

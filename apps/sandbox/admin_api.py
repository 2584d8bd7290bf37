"""Routes that no vendor has: the ledger, all jobs, the fault rates and the clock."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.context import SandboxContext, json_error, read_object
from apps.sandbox.faults import FAULTS

MAX_AHEAD_SECONDS = 100 * 365 * 24 * 3600.0


async def ledger(context: SandboxContext, _request: Request) -> Response:
    """Return charges and refunds, one row per job; tests count them."""
    return JSONResponse(await run_in_threadpool(context.store.ledger))


async def jobs(context: SandboxContext, _request: Request) -> Response:
    """Return every job there ever was, with its end."""
    return JSONResponse(await run_in_threadpool(context.store.all_jobs))


async def faults(context: SandboxContext, _request: Request) -> Response:
    """Return the fault rates and the seed that draws faults."""
    return JSONResponse(await run_in_threadpool(context.key_value.fault_rates))


async def set_faults(context: SandboxContext, request: Request) -> Response:
    """Set the fault rates of future orders; a fault that is not named has the rate 0."""
    body = await read_object(request)
    rates = body.get("rates", {})
    seed = body.get("seed", 0)
    if not isinstance(seed, int) or not isinstance(rates, dict):
        return json_error(400, "rates must be an object, and seed a whole number.")
    for name, rate in rates.items():
        if name not in FAULTS:
            return json_error(400, f"There is no fault called {name}.")
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            return json_error(400, f"The rate of {name} must be a number from 0 to 1.")
    await run_in_threadpool(context.key_value.put, "faults", {"rates": rates, "seed": seed})
    return JSONResponse({"rates": rates, "seed": seed})


async def known_faults(_context: SandboxContext, _request: Request) -> Response:
    """Return the table of all faults."""
    return JSONResponse([_queue(asdict(fault)) for fault in FAULTS.values()])


async def clock(context: SandboxContext, _request: Request) -> Response:
    """Return the sandbox's time."""
    return JSONResponse({"now": context.clock.now(), "ahead": context.clock.ahead_seconds})


async def set_clock(context: SandboxContext, request: Request) -> Response:
    """Move the sandbox's clock forward by some seconds."""
    ahead = (await read_object(request)).get("ahead")
    if (
        isinstance(ahead, bool)
        or not isinstance(ahead, int | float)
        or not 0 <= ahead <= MAX_AHEAD_SECONDS - context.clock.ahead_seconds
    ):
        return json_error(400, "ahead must be a number of seconds; time does not run backwards.")
    await run_in_threadpool(context.clock.forward, float(ahead))
    return await clock(context, request)


def _queue(fault: Mapping[str, Any]) -> dict[str, Any]:
    sets = {name: sorted(fault[name]) for name in ("contracts", "clip_arrives")}
    return {**fault, **sets}

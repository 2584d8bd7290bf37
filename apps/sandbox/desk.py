"""What every request needs: the memory, the hands, the files, and the ways in."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.calling import Called, called_in, drawn
from apps.sandbox.clock import Clock
from apps.sandbox.faults import Where
from apps.sandbox.jobs import Job, NewOrder
from apps.sandbox.memory import Memory
from apps.sandbox.notes import Notes
from apps.sandbox.places import Places
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.store import Store
from apps.sandbox.workers import Workers

LARGEST_BODY = 1_000_000
# how long WaveSpeed keeps jobs, clips and uploads (contracts 1.8, 1.11)
KEPT_SECONDS = 7 * 24 * 3600.0

Endpoint = Callable[["Desk", Request], Awaitable[Response]]
Door = Callable[[Request], Awaitable[Response]]


class Desk:
    """Everything behind the doors of one sandbox."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.places = Places(settings.data)
        self.places.outputs.mkdir(parents=True, exist_ok=True)
        memory = Memory(self.places.database)
        self.notes = Notes(memory)
        self.clock = Clock(self.notes)
        self.store = Store(memory, balance=settings.balance, per_minute=settings.per_minute)
        self.workers = Workers(settings, self.store, self.places, self.clock)

    def faults_of(self, prompt: str, mark: str, contract: str) -> tuple[Called, ...]:
        """Return the faults that an order has, by its words and by the rates; raise UnknownFault."""
        rates = self.notes.faults()
        return called_in(prompt, contract) + drawn(rates["rates"], rates["seed"], mark, contract)

    def refusing(self, order: NewOrder) -> Called | None:
        """Return the fault for which an order is not taken this time, if there is one."""
        for called in order.faults:
            if called.fault.where is Where.ORDER and self.notes.bite(
                _victim(called, order), called.name, called.times
            ):
                return called
        return None

    def take(self, order: NewOrder) -> Job:
        """Write an order down, charge it, and have it made; raise NoCredit or TooMany."""
        job = self.store.take(order, now=self.clock.now())
        for victim in {
            _victim(called, order) for called in order.faults if called.fault.where is Where.ORDER
        }:
            self.notes.heal(victim)
        self.workers.put(job.id)
        return job

    async def asked_for(self, request: Request, contract: str) -> Job | None:
        """Return the job that a request names, where this contract has it."""
        job = await run_in_threadpool(self.store.find, request.path_params["job_id"])
        return self.has(job, contract)

    def has(self, job: Job | None, contract: str) -> Job | None:
        """Return the job where it is one of this contract, and not too old to be kept."""
        if job is None or job.contract != contract:
            return None
        return (
            None if contract == "wavespeed" and self.clock.now() - job.born > KEPT_SECONDS else job
        )


def _victim(called: Called, order: NewOrder) -> str:
    """Return who is bitten: the sending where the rate drew it, else whoever orders with these words."""
    return (
        f"mark:{order.mark}" if called.by_rate else f"words:{order.contract}:{order.wish['prompt']}"
    )


def base_of(request: Request) -> str:
    """Return the address we were asked at."""
    return str(request.base_url).rstrip("/")


async def body_of(request: Request, *, largest: int = LARGEST_BODY) -> bytes:
    """Return the body of a request, or refuse one that does not end."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > largest:
            raise HTTPException(413, f"The body must be no larger than {largest} bytes.")
    return bytes(body)


async def object_of(request: Request, *, largest: int = LARGEST_BODY) -> dict[str, Any]:
    """Return the JSON object in a body, or refuse the request."""
    found = as_object(await body_of(request, largest=largest))
    if found is None:
        raise HTTPException(400, "The body must be a JSON object.")
    return found


def as_object(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object that some bytes are, or None."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def open_to_key(desk: Desk, endpoint: Endpoint) -> Door:
    """Let in who has the key."""
    expected = f"Bearer {desk.settings.key}".encode()

    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, expected):
            raise HTTPException(401, "missing or invalid API key")
        return await endpoint(desk, request)

    return guarded


def open_to_all(desk: Desk, endpoint: Endpoint) -> Door:
    """Let everybody in."""

    async def unguarded(request: Request) -> Response:
        return await endpoint(desk, request)

    return unguarded


def plain(status: int, message: str) -> JSONResponse:
    """Word an error as WaveSpeed does: JSON with a code and a message (contracts 1.6)."""
    return JSONResponse({"code": status, "message": storable(message)}, status_code=status)


def storable(text: str) -> str:
    """Return a text without the halves of characters that JSON can name, but no answer and no table can hold."""
    return text.encode("utf-8", "replace").decode()

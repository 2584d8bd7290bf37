"""The parts that every request handler needs, and helpers for requests and responses."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.sandbox.clock import Clock
from apps.sandbox.database import Database
from apps.sandbox.fault_injection import InjectedFault, faults_by_rate, faults_in_prompt
from apps.sandbox.faults import Stage
from apps.sandbox.jobs import Job, NewOrder
from apps.sandbox.key_value import KeyValueStore
from apps.sandbox.paths import Paths
from apps.sandbox.settings import SandboxSettings
from apps.sandbox.store import Store
from apps.sandbox.workers import WorkerPool

MAX_BODY_BYTES = 1_000_000
# WaveSpeedAI keeps jobs, clips and uploads for 7 days (docs/vendor-contracts.md, sections 1.8 and
# 1.11).
RETENTION_SECONDS = 7 * 24 * 3600.0

Endpoint = Callable[["SandboxContext", Request], Awaitable[Response]]
Handler = Callable[[Request], Awaitable[Response]]


class SandboxContext:
    """Everything that the routes of one sandbox share."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.paths = Paths(settings.data)
        self.paths.outputs.mkdir(parents=True, exist_ok=True)
        database = Database(self.paths.database)
        self.key_value = KeyValueStore(database)
        self.clock = Clock(self.key_value)
        self.store = Store(database, balance=settings.balance, per_minute=settings.per_minute)
        self.workers = WorkerPool(settings, self.store, self.paths, self.clock)

    def faults_for(self, prompt: str, reference: str, contract: str) -> tuple[InjectedFault, ...]:
        """Return an order's faults, from its prompt and by the rates; raise UnknownFault."""
        rates = self.key_value.fault_rates()
        drawn = faults_by_rate(rates["rates"], rates["seed"], reference, contract)
        return faults_in_prompt(prompt, contract) + drawn

    def refusal_fault(self, order: NewOrder) -> InjectedFault | None:
        """Return the fault that keeps this order from being accepted, if one fires."""
        for injected in order.faults:
            scope = _fault_scope(injected, order)
            if injected.fault.stage is Stage.ORDER and self.key_value.fire(
                scope, injected.name, injected.times
            ):
                return injected
        return None

    def accept(self, order: NewOrder) -> Job:
        """Store and charge an order, and queue it; raise OutOfCredit or RateLimited."""
        job = self.store.accept(order, now=self.clock.now())
        scopes = {
            _fault_scope(injected, order)
            for injected in order.faults
            if injected.fault.stage is Stage.ORDER
        }
        for scope in scopes:
            self.key_value.reset(scope)
        self.workers.put(job.id)
        return job

    async def requested_job(self, request: Request, contract: str) -> Job | None:
        """Return the job that a request names, if it is one of this contract."""
        job = await run_in_threadpool(self.store.find, request.path_params["job_id"])
        return self.visible_job(job, contract)

    def visible_job(self, job: Job | None, contract: str) -> Job | None:
        """Return the job if it is one of this contract and not past its retention."""
        if job is None or job.contract != contract:
            return None
        age_seconds = self.clock.now() - job.born
        return None if contract == "wavespeed" and age_seconds > RETENTION_SECONDS else job


def _fault_scope(injected: InjectedFault, order: NewOrder) -> str:
    """Return the scope in which firings are counted.

    A fault drawn by rate counts per order. A fault named in a prompt counts per prompt, because
    every try of a customer is a new order with the same words.
    """
    if injected.by_rate:
        return f"reference:{order.reference}"
    return f"words:{order.contract}:{order.drawing['prompt']}"


def base_url_of(request: Request) -> str:
    """Return the address under which the customer reached the sandbox."""
    return str(request.base_url).rstrip("/")


async def read_body(request: Request, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return the body of a request; a larger one is refused with 413."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            raise HTTPException(413, f"The body must be no larger than {max_bytes} bytes.")
    return bytes(body)


async def read_object(request: Request, *, max_bytes: int = MAX_BODY_BYTES) -> dict[str, Any]:
    """Return the JSON object of a body; anything else is refused with 400."""
    value = parse_object(await read_body(request, max_bytes=max_bytes))
    if value is None:
        raise HTTPException(400, "The body must be a JSON object.")
    return value


def parse_object(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object in some bytes, or None."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def require_key(context: SandboxContext, endpoint: Endpoint) -> Handler:
    """Return a handler that answers 401 without the sandbox's key."""
    expected = f"Bearer {context.settings.key}".encode()

    async def handle_with_key(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, expected):
            raise HTTPException(401, "missing or invalid API key")
        return await endpoint(context, request)

    return handle_with_key


def without_key(context: SandboxContext, endpoint: Endpoint) -> Handler:
    """Return a handler that everybody may use."""

    async def handle(request: Request) -> Response:
        return await endpoint(context, request)

    return handle


def json_error(status: int, message: str) -> JSONResponse:
    """Return an error in WaveSpeedAI's form (docs/vendor-contracts.md, section 1.6)."""
    return JSONResponse({"code": status, "message": encodable(message)}, status_code=status)


def encodable(text: str) -> str:
    """Return a text without lone surrogates: JSON can name them, but UTF-8 cannot encode them."""
    return text.encode("utf-8", "replace").decode()

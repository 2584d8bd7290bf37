"""HTTP clients for outbound requests. No other module outside of tests creates one."""

import time
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from apps.core.outbound import dialling
from apps.core.outbound.dialling import AsyncCheckedBackend, CheckedBackend, Dialler
from apps.core.outbound.errors import AddressRefused, FetchTryLater
from apps.core.outbound.urls import problem_of
from apps.core.tls import tls

UNCOMPRESSED = {"Accept-Encoding": "identity"}  # a small compressed body may hold gigabytes
KEEPALIVE_SECONDS = 5.0
STEP_SECONDS = 30.0
CONNECT_SECONDS = 10.0
LOCATION = "location"


class CheckedTransport(httpx.HTTPTransport):
    """Sends one request at a time to checked addresses, all of them before the deadline."""

    def __init__(self, dialler: Dialler, *, allow_private: bool, deadline: float) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self._allow_private = allow_private
        backend = CheckedBackend(dialler=dialler, allow_private=allow_private, deadline=deadline)
        # httpx has no argument for the backend; tests hold that this pool is the one in use.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request whose URL is allowed."""
        _require_allowed(request, allow_private=self._allow_private)
        return _move_location_aside(super().handle_request(request))


class AsyncCheckedTransport(httpx.AsyncHTTPTransport):
    """Sends requests to checked addresses, over a pool of connections."""

    def __init__(self, dialler: Dialler, *, allow_private: bool, most: int, kept: int) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self._allow_private = allow_private
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls(),
            max_connections=most,
            max_keepalive_connections=kept,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=AsyncCheckedBackend(dialler=dialler, allow_private=allow_private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request whose URL is allowed."""
        _require_allowed(request, allow_private=self._allow_private)
        return _move_location_aside(await super().handle_async_request(request))


def client(
    *, deadline: float, allow_private: bool = False, dialler: Dialler | None = None
) -> httpx.Client:
    """Return a client whose work ends by `deadline`, on the clock of time.monotonic()."""
    transport = CheckedTransport(
        dialler or dialling.SYSTEM_DIALLER, allow_private=allow_private, deadline=deadline
    )
    return httpx.Client(
        transport=transport,
        headers=UNCOMPRESSED,
        cookies=_no_cookies(),
        follow_redirects=False,
        trust_env=False,
    )


def async_client(
    *,
    timeout: httpx.Timeout,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    most: int = 32,
    kept: int = 0,
    allow_private: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
    dialler: Dialler | None = None,
) -> httpx.AsyncClient:
    """Return a client with a pool; `kept` connections stay open between requests."""
    checked = transport or AsyncCheckedTransport(
        dialler or dialling.SYSTEM_DIALLER, allow_private=allow_private, most=most, kept=kept
    )
    return httpx.AsyncClient(
        base_url=base_url,
        headers=UNCOMPRESSED | dict(headers or {}),
        timeout=timeout,
        transport=checked,
        cookies=_no_cookies(),
        follow_redirects=False,
        trust_env=False,
    )


def timeout_until(deadline: float, host: str) -> httpx.Timeout:
    """Return the timeouts of one step of a request that ends by `deadline`."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchTryLater(f"{host} takes too long.")
    return httpx.Timeout(min(STEP_SECONDS, left), connect=min(CONNECT_SECONDS, left))


def _require_allowed(request: httpx.Request, *, allow_private: bool) -> None:
    if problem := problem_of(request.url, allow_private=allow_private):
        raise AddressRefused(problem, request=request)


def _move_location_aside(response: httpx.Response) -> httpx.Response:
    """Keep httpx from parsing a redirect's address: a broken one fails even if not followed."""
    location = response.headers.pop("location", None)
    if location is not None:
        response.extensions[LOCATION] = location
    return response


def _no_cookies() -> CookieJar:
    """Return a jar that stores nothing: no server recognises us by an earlier request."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))

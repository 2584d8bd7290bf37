"""The one place where HTTP clients are made: whatever leaves the house leaves by one of these."""

import time
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from apps.core.outbound import dialling
from apps.core.outbound.dialling import AsyncCheckedLine, CheckedLine, Dialler
from apps.core.outbound.errors import FetchTryLater, NotDialled
from apps.core.outbound.urls import fault_of
from apps.core.tls import tls

AS_IT_IS = {"Accept-Encoding": "identity"}  # what comes packed may hold gigabytes
MOST_KEPT_SECONDS = 5.0
LOCATION = "location"


class CheckedTransport(httpx.HTTPTransport):
    """One request after the other to checked addresses, all of them over before `until`."""

    def __init__(self, dialler: Dialler, *, allow_private: bool, until: float) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self._allow_private = allow_private
        line = CheckedLine(dialler=dialler, allow_private=allow_private, until=until)
        # httpx has no argument for it; tests hold that this pool is the one that is used.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls(), max_connections=1, max_keepalive_connections=0, network_backend=line
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let a request out, if its address is one of ours to go to."""
        _insist(request, allow_private=self._allow_private)
        return _taken_apart(super().handle_request(request))


class AsyncCheckedTransport(httpx.AsyncHTTPTransport):
    """The same for code that awaits, with a pool of connections that may be kept."""

    def __init__(self, dialler: Dialler, *, allow_private: bool, most: int, kept: int) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self._allow_private = allow_private
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls(),
            max_connections=most,
            max_keepalive_connections=kept,
            keepalive_expiry=MOST_KEPT_SECONDS,
            network_backend=AsyncCheckedLine(dialler=dialler, allow_private=allow_private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Let a request out, if its address is one of ours to go to."""
        _insist(request, allow_private=self._allow_private)
        return _taken_apart(await super().handle_async_request(request))


def client(
    *, until: float, allow_private: bool = False, dialler: Dialler | None = None
) -> httpx.Client:
    """Return a client for one errand that is over by `until`, on the clock of time.monotonic()."""
    return httpx.Client(
        transport=CheckedTransport(
            dialler or dialling.USUAL, allow_private=allow_private, until=until
        ),
        headers=AS_IT_IS,
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
    """Return a pooled client; `kept` connections stay open between requests, by default none."""
    checked = transport or AsyncCheckedTransport(
        dialler or dialling.USUAL, allow_private=allow_private, most=most, kept=kept
    )
    return httpx.AsyncClient(
        base_url=base_url,
        headers=AS_IT_IS | dict(headers or {}),
        timeout=timeout,
        transport=checked,
        cookies=_no_cookies(),
        follow_redirects=False,
        trust_env=False,
    )


def timeout_until(until: float, host: str) -> httpx.Timeout:
    """Return how long one step may take that belongs to an errand with an end."""
    left = until - time.monotonic()
    if left <= 0:
        raise FetchTryLater(f"{host} takes too long.")
    return httpx.Timeout(min(30.0, left), connect=min(10.0, left))


def _insist(request: httpx.Request, *, allow_private: bool) -> None:
    if fault := fault_of(request.url, allow_private=allow_private):
        raise NotDialled(fault, request=request)


def _taken_apart(response: httpx.Response) -> httpx.Response:
    """Put a redirect's address aside: httpx would read it, and fail over a broken one, without following it."""
    if (location := response.headers.pop("location", None)) is not None:
        response.extensions[LOCATION] = location
    return response


def _no_cookies() -> CookieJar:
    """Return a jar that takes nothing: nobody out there recognises us by what another errand was given."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))

"""Connect to checked addresses only: a name is resolved once, and every address of it is checked.

A name that changes between check and connection (DNS rebinding) gains nothing, because the
connection goes to the checked address. TLS still uses the host's name. The resolver and the network
backends are arguments, so that tests dial nothing.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Thread
from typing import Any

import httpcore

from apps.core.addresses import may_dial
from apps.core.outbound.errors import AddressRefused, HostNotFound
from apps.core.outbound.urls import FORBIDDEN

Resolver = Callable[[str, int], Sequence[str]]
Options = Iterable[Any] | None

MOST_ADDRESSES = 4
CONNECT_SECONDS = 10.0
SHORTEST_CONNECT_SECONDS = 0.01
NO_DEADLINE = float("inf")


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses of a host as this machine resolves them, in the order to try."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialler:
    """A resolver for names, and the network backends that connect to addresses."""

    resolver: Resolver = system_resolver
    backend: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)
    async_backend: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)


SYSTEM_DIALLER = Dialler()


def resolve(resolver: Resolver, host: str, port: int) -> Future[Sequence[str]]:
    """Resolve a name on a thread of its own: the system's resolver accepts no timeout."""
    future: Future[Sequence[str]] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(resolver(host, port))
        except Exception as error:  # noqa: BLE001  # raised where the result is awaited
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def literal_address(host: str) -> Sequence[str]:
    """Return the host where it is an IP address itself and needs no resolver; else nothing."""
    try:
        ip_address(host)
    except ValueError:
        return ()
    return (host,)


def lookup_error(host: str, error: Exception) -> Exception:
    """Return the error to raise when a name was not resolved."""
    if isinstance(error, UnicodeError):
        return AddressRefused(f"{host} is not a valid host name.")
    return _not_found(host)


def _not_found(host: str) -> HostNotFound:
    return HostNotFound(f"Couldn't find {host}. Check the address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    dialler: Dialler
    allow_private: bool

    def _require_allowed(self, addresses: Sequence[str], host: str) -> list[str]:
        """Return the addresses to try; one forbidden address condemns the name."""
        if not addresses:
            raise _not_found(host)
        if not all(may_dial(one, allow_private=self.allow_private) for one in addresses):
            raise AddressRefused(FORBIDDEN)
        return list(addresses)[:MOST_ADDRESSES]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBackend(_Checked, httpcore.NetworkBackend):
    """Connects to checked addresses only, and closes each connection at the deadline."""

    deadline: float = NO_DEADLINE

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers."""
        deadline = min(self.deadline, time.monotonic() + (timeout or CONNECT_SECONDS))
        addresses = self.addresses_of(host, port, max(deadline - time.monotonic(), 0))
        for number, address in enumerate(addresses):
            share = _share_of_time(deadline, len(addresses) - number)
            try:
                stream = self.dialler.backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
            else:
                return TimedStream(stream, self.deadline)
        raise _not_found(host)

    def addresses_of(self, host: str, port: int, seconds: float) -> list[str]:
        """Return the checked addresses of a host, in the order to try."""
        try:
            found = literal_address(host) or self._resolve(host, port, seconds)
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            raise lookup_error(host, error) from error
        return self._require_allowed(found, host)

    def _resolve(self, host: str, port: int, seconds: float) -> Sequence[str]:
        return resolve(self.dialler.resolver, host, port).result(seconds)


class TimedStream(httpcore.NetworkStream):
    """A connection with a deadline: a timeout bounds one read only, however many there are."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, if the deadline has not passed."""
        return self._stream.read(max_bytes, self._remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, if the deadline has not passed."""
        self._stream.write(buffer, self._remaining(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Encrypt the connection, under the host's name."""
        seconds = self._remaining(timeout, httpcore.ConnectTimeout)
        encrypted = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return TimedStream(encrypted, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return facts of the connection underneath."""
        return self._stream.get_extra_info(info)

    def _remaining(self, timeout: float | None, error: type[Exception]) -> float | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise error("The deadline has passed.")
        if left == NO_DEADLINE:
            return timeout
        return left if timeout is None else min(left, timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncCheckedBackend(_Checked, httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only, for asynchronous code."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own name for it
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers."""
        deadline = time.monotonic() + (timeout or CONNECT_SECONDS)
        addresses = await self.addresses_of(host, port, timeout or CONNECT_SECONDS)
        for number, address in enumerate(addresses):
            share = _share_of_time(deadline, len(addresses) - number)
            try:
                return await self.dialler.async_backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise _not_found(host)

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run."""
        await asyncio.sleep(seconds)

    async def addresses_of(self, host: str, port: int, seconds: float) -> list[str]:
        """Return the checked addresses of a host, in the order to try."""
        try:
            found = literal_address(host) or await self._resolve(host, port, seconds)
        except (OSError, UnicodeError) as error:
            raise lookup_error(host, error) from error
        return self._require_allowed(found, host)

    async def _resolve(self, host: str, port: int, seconds: float) -> Sequence[str]:
        future = resolve(self.dialler.resolver, host, port)
        return await asyncio.wait_for(asyncio.wrap_future(future), seconds)


def _share_of_time(deadline: float, addresses_left: int) -> float:
    """Return the seconds for one address: a dead one must not use up the time of the others."""
    left = max(deadline - time.monotonic(), SHORTEST_CONNECT_SECONDS)
    return left / addresses_left

"""Connecting: a name is looked up once, every address of it is checked, and the checked address is dialled.

A name that changes its mind in between (DNS rebinding) gains nothing. TLS goes on with the host's
name. What looks names up and what really connects are handed in, so that tests dial nothing.
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
from apps.core.outbound.errors import NotDialled, NotFound
from apps.core.outbound.urls import forbidden

Resolver = Callable[[str, int], Sequence[str]]
Options = Iterable[Any] | None

MOST_ADDRESSES = 4
CONNECT_SECONDS = 10.0
FOR_EVER = float("inf")


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses of a host as this machine sees them, in the order to try."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialler:
    """What looks names up, and what really connects to the addresses that were found."""

    resolver: Resolver = system_resolver
    line: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)
    async_line: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)


USUAL = Dialler()


def look_up(resolver: Resolver, host: str, port: int) -> Future[Sequence[str]]:
    """Have a name looked up on a thread of its own: the system's resolver knows no end but its own."""
    found: Future[Sequence[str]] = Future()
    found.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            found.set_result(resolver(host, port))
        except Exception as fault:  # noqa: BLE001  # whoever waits hears of it
            found.set_exception(fault)

    Thread(target=ask, daemon=True).start()
    return found


def itself(host: str) -> Sequence[str]:
    """Return the host where it is an address itself, which nobody need be asked about; else nothing."""
    try:
        ip_address(host)
    except ValueError:
        return ()
    return (host,)


def trouble(host: str, fault: Exception) -> Exception:
    """Return what a failed look-up means."""
    if isinstance(fault, UnicodeError):
        return NotDialled(f"{host} is no name of a host.")
    return NotFound(f"The name {host} could not be looked up.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    dialler: Dialler
    allow_private: bool

    def _checked(self, found: Sequence[str], host: str) -> list[str]:
        """Return the addresses to try; one forbidden address condemns the name."""
        if not found:
            raise NotFound(f"The name {host} has no address.")
        if not all(may_dial(address, allow_private=self.allow_private) for address in found):
            raise NotDialled(forbidden(host))
        return list(found)[:MOST_ADDRESSES]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLine(_Line, httpcore.NetworkBackend):
    """Dials checked addresses only, and hangs up when the time for it all is over."""

    until: float = FOR_EVER

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers."""
        until = min(self.until, time.monotonic() + (timeout or CONNECT_SECONDS))
        found = self.addresses_of(host, port, max(until - time.monotonic(), 0))
        for number, address in enumerate(found, start=1):
            # A dead address may not use up the time of those after it.
            share = max(until - time.monotonic(), 0.01) / (len(found) - number + 1)
            try:
                stream = self.dialler.line.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(found):
                    raise
            else:
                return TimedStream(stream, self.until)
        raise NotFound(f"The name {host} has no address.")

    def addresses_of(self, host: str, port: int, seconds: float) -> list[str]:
        """Return the checked addresses of a host, in the order to try."""
        try:
            found = itself(host) or look_up(self.dialler.resolver, host, port).result(seconds)
        except (OSError, UnicodeError) as fault:  # TimeoutError is one of them
            raise trouble(host, fault) from fault
        return self._checked(found, host)


class TimedStream(httpcore.NetworkStream):
    """A connection that ends in time, however slowly its other end drips: a timeout is for one read alone."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read as long as there is time."""
        return self._stream.read(max_bytes, self._bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write as long as there is time."""
        self._stream.write(buffer, self._bounded(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Go on encrypted, under the host's name."""
        seconds = self._bounded(timeout, httpcore.ConnectTimeout)
        return TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, seconds), self._until
        )

    def get_extra_info(self, info: str) -> Any:
        """Tell about the connection underneath."""
        return self._stream.get_extra_info(info)

    def _bounded(self, timeout: float | None, error: type[Exception]) -> float | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise error("The time is over.")
        return min(left, FOR_EVER if timeout is None else timeout) if left < FOR_EVER else timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncCheckedLine(_Line, httpcore.AsyncNetworkBackend):
    """The same for code that awaits."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own name for it
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers."""
        until = time.monotonic() + (timeout or CONNECT_SECONDS)
        found = await self.addresses_of(host, port, timeout or CONNECT_SECONDS)
        for number, address in enumerate(found, start=1):
            share = max(until - time.monotonic(), 0.01) / (len(found) - number + 1)
            try:
                return await self.dialler.async_line.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(found):
                    raise
        raise NotFound(f"The name {host} has no address.")

    async def sleep(self, seconds: float) -> None:
        """Let others work."""
        await asyncio.sleep(seconds)

    async def addresses_of(self, host: str, port: int, seconds: float) -> list[str]:
        """Return the checked addresses of a host, in the order to try."""
        try:
            found = itself(host) or await self._looked_up(host, port, seconds)
        except (OSError, UnicodeError) as fault:
            raise trouble(host, fault) from fault
        return self._checked(found, host)

    async def _looked_up(self, host: str, port: int, seconds: float) -> Sequence[str]:
        found = look_up(self.dialler.resolver, host, port)
        return await asyncio.wait_for(asyncio.wrap_future(found), seconds)

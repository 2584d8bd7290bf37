"""The internet in memory: names, and servers at addresses.

Nothing is dialled, and everything is written down.
"""
# ruff: noqa: ASYNC109 -- httpcore's own names

import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from socket import gaierror
from typing import Any

import httpcore
import pytest

from apps.core.outbound import Dialler, dialling

PUBLIC, OTHER = "93.184.216.34", "2606:2800:220:1::1"
HOST = "cdn.example.test"


@dataclass(frozen=True)
class Request:
    """One request as it came over a connection."""

    raw: bytes
    address: str
    port: int
    tls: str | None

    @property
    def target(self) -> str:
        """Return what was asked for."""
        return self.raw.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers by their names in small letters."""
        head = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")
        return {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }

    @property
    def body(self) -> bytes:
        """Return what came with it."""
        return self.raw.partition(b"\r\n\r\n")[2]


Respond = Callable[[Request], bytes | Iterable[bytes] | Exception]


def answer(status: int = 200, content: bytes = b"", **headers: str) -> bytes:
    """Return an answer as bytes; underscores in names of headers stand for hyphens."""
    given = {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = {"Content-Length": str(len(content)), "Connection": "close"} | given
    lines = [
        f"HTTP/1.1 {status} Answer",
        *(f"{name}: {value}" for name, value in head.items() if value),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


@dataclass
class FakeNetwork:
    """Names with their addresses (a list of lists: one for each lookup), and what servers answer.

    Without `respond`, every connection fails as if nobody were there.
    """

    names: dict[str, Sequence[Any]] = field(default_factory=lambda: {HOST: [PUBLIC]})
    respond: Respond | None = None
    dead: frozenset[str] = frozenset()
    lookups: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @property
    def dialler(self) -> Dialler:
        """Return a dialler into this world."""
        return Dialler(
            resolver=self.resolve, backend=_Backend(self), async_backend=_AsyncBackend(self)
        )

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Look a name up; the last answer holds for ever."""
        self.lookups.append(host)
        found = self.names.get(host)
        if found is None:
            raise gaierror(-2, "Name or service not known")
        if found and not isinstance(found[0], str):
            looks = self.lookups.count(host)
            return found[min(looks, len(found)) - 1]
        return found

    def dial(self, address: str, port: int) -> None:
        """Write a connection down; it stands where there is a server."""
        self.dialled.append((address, port))
        if self.respond is None or address in self.dead:
            raise httpcore.ConnectError("no route")


class _Connection:
    """Both ends of one connection: once something was asked, the answer is ready."""

    def __init__(self, network: FakeNetwork, address: str, port: int) -> None:
        self.network, self.address, self.port = network, address, port
        self.tls: str | None = None
        self.sent = bytearray()
        self.pieces: list[bytes] | None = None

    def next_piece(self) -> bytes:
        if self.pieces is None:
            request = Request(bytes(self.sent), self.address, self.port, self.tls)
            self.network.requests.append(request)
            response = self.network.respond(request)
            if isinstance(response, Exception):
                raise response
            self.pieces = [response] if isinstance(response, bytes) else list(response)
        return self.pieces.pop(0) if self.pieces else b""


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._connection.next_piece()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._connection.sent += buffer

    def close(self) -> None:
        pass

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "_Stream":
        assert ssl_context.check_hostname
        assert ssl_context.verify_mode == ssl.CERT_REQUIRED
        self._connection.tls = server_hostname
        return self


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, connection: _Connection) -> None:
        self._stream = _Stream(connection)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer)

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "_AsyncStream":
        self._stream.start_tls(ssl_context, server_hostname)
        return self


class _Backend(httpcore.NetworkBackend):
    def __init__(self, network: FakeNetwork) -> None:
        self._network = network

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> _Stream:
        self._network.dial(host, port)
        return _Stream(_Connection(self._network, host, port))


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, network: FakeNetwork) -> None:
        self._network = network

    async def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> _AsyncStream:
        self._network.dial(host, port)
        return _AsyncStream(_Connection(self._network, host, port))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    """Replace the internet by one in memory: nobody is there until a test says who."""
    world = FakeNetwork()
    monkeypatch.setattr(dialling, "SYSTEM_DIALLER", world.dialler)
    return world

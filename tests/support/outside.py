"""The world outside, in memory: names, and servers at addresses. Nothing is dialled, everything is written down."""
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
class Heard:
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


Play = Callable[[Heard], bytes | Iterable[bytes] | Exception]


def answer(status: int = 200, content: bytes = b"", **headers: str) -> bytes:
    """Return an answer as it goes over the wire; underscores in names of headers stand for hyphens."""
    given = {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = {"Content-Length": str(len(content)), "Connection": "close"} | given
    lines = [
        f"HTTP/1.1 {status} Answer",
        *(f"{name}: {value}" for name, value in head.items() if value),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


@dataclass
class Outside:
    """Names and their addresses (a list of lists: another answer each time), and how servers answer.

    Where nobody plays, every connection fails as if nobody were there.
    """

    names: dict[str, Sequence[Any]] = field(default_factory=lambda: {HOST: [PUBLIC]})
    play: Play | None = None
    dead: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    @property
    def dialler(self) -> Dialler:
        """Return a dialler into this world."""
        return Dialler(
            resolver=self.resolve, backend=_Backend(self), async_backend=_AsyncBackend(self)
        )

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Look a name up; the last answer holds for ever."""
        self.asked.append(host)
        found = self.names.get(host)
        if found is None:
            raise gaierror(-2, "Name or service not known")
        if found and not isinstance(found[0], str):
            looks = self.asked.count(host)
            return found[min(looks, len(found)) - 1]
        return found

    def dial(self, address: str, port: int) -> None:
        """Write a connection down; it stands where somebody plays the server."""
        self.dialled.append((address, port))
        if self.play is None or address in self.dead:
            raise httpcore.ConnectError("no route")


class _Talk:
    """Both ends of one connection: once something was asked, the answer lies ready."""

    def __init__(self, outside: Outside, address: str, port: int) -> None:
        self.outside, self.address, self.port = outside, address, port
        self.tls: str | None = None
        self.said = bytearray()
        self.pieces: list[bytes] | None = None

    def next_piece(self) -> bytes:
        if self.pieces is None:
            heard = Heard(bytes(self.said), self.address, self.port, self.tls)
            self.outside.heard.append(heard)
            played = self.outside.play(heard)
            if isinstance(played, Exception):
                raise played
            self.pieces = [played] if isinstance(played, bytes) else list(played)
        return self.pieces.pop(0) if self.pieces else b""


class _Stream(httpcore.NetworkStream):
    def __init__(self, talk: _Talk) -> None:
        self._talk = talk

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._talk.next_piece()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._talk.said += buffer

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
        self._talk.tls = server_hostname
        return self


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, talk: _Talk) -> None:
        self._same = _Stream(talk)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._same.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._same.write(buffer)

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "_AsyncStream":
        self._same.start_tls(ssl_context, server_hostname)
        return self


class _Backend(httpcore.NetworkBackend):
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> _Stream:
        self._outside.dial(host, port)
        return _Stream(_Talk(self._outside, host, port))


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> _AsyncStream:
        self._outside.dial(host, port)
        return _AsyncStream(_Talk(self._outside, host, port))


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """Put a world in memory in the place of the real one: nobody is there until a test says who."""
    world = Outside()
    monkeypatch.setattr(dialling, "SYSTEM_DIALLER", world.dialler)
    return world

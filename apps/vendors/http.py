"""One HTTP exchange with a vendor, bounded in size and time: what both vendors' clients stand on."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx

from apps.core.outbound import AddressRefused, FetchRefused, async_client, parse_url
from apps.vendors.errors import Refused

JOB_ID = re.compile(r"(?!\.{1,2}$)[\x21-\x7e]{1,200}")  # dots alone would walk up a path
MAX_TEXT_CHARACTERS = 2000
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
MAX_BODY_SECONDS = 120.0
MAX_EXCHANGE_SECONDS = 180.0
# An answer holds addresses; only with enable_base64_output does it hold clips, some MB each.
MAX_BODY_BYTES = 64 * 1024 * 1024
# A page of a hundred jobs holds some thousands of values; each takes a hundred bytes here, however
# short it is there.
MAX_JSON_VALUES = 200_000
# WaveSpeed's own SDK waits 10 s for a connection, 60 s for an order and 30 s for a look
# (docs/vendor-contracts.md, section 2.2).
SEND_TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=5.0)
QUERY_TIMEOUT = httpx.Timeout(20.0, connect=10.0, pool=10.0)
SANDBOX_ONLY = "Only an operator can open this way, by marking the vendor account as a sandbox."
# What fails before the first byte of a request is written; the order is provably not there.
NOT_SENT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class BadBodyError(httpx.TransportError):
    """The answer was larger, slower or otherwise packed than any honest one."""


class BrokenExchangeError(httpx.TransportError):
    """The connection broke in the middle, in a way that httpx passes on as the system's own error (TLS does)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, read to its end; `json` is None where the body was no JSON."""

    status: int
    json: object
    text: str
    retry_after: float | None
    secret: str = field(repr=False)

    def clean_text(self, value: object) -> str:
        """Return vendor text fit to keep: without our key, without what no database takes, not endless."""
        return clean_text(value.replace(self.secret, "[key]") if isinstance(value, str) else "")

    @property
    def json_object(self) -> Mapping[str, object]:
        """Return the outer JSON object, or an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def is_success(self) -> bool:
        """Tell whether HTTP says yes."""
        return 200 <= self.status < 300


class HttpClient:
    """The connections to one vendor account: orders on fresh ones, questions on kept ones."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        prefix: str = "",
        allow_private: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = check_base_url(base_url, prefix, allow_private=allow_private)
        self._key = check_api_key(api_key)
        self.allow_private = allow_private
        self._transport = transport
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        # A kept connection may die just as an order goes out, and then nobody knows: orders get a
        # fresh one.
        self._clients = {
            "send": self._client(SEND_TIMEOUT, kept=0),
            "query": self._client(QUERY_TIMEOUT, kept=10),
        }
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients = {}

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        """Exchange something that costs money or changes something; raise httpx.RequestError."""
        return await self._exchange(self._clients["send"], method, path, **options)

    async def query(self, method: str, path: str, **options: Any) -> Answer:
        """Ask something that may be asked again; raise httpx.RequestError."""
        return await self._exchange(self._clients["query"], method, path, **options)

    async def exchange_without_key(self, method: str, url: str, **options: Any) -> Answer:
        """Exchange with an address the vendor gave us (an upload's), without our key; raise httpx.RequestError."""
        async with async_client(
            timeout=SEND_TIMEOUT, allow_private=self.allow_private, transport=self._transport
        ) as client:
            return await self._exchange(client, method, url, **options)

    async def _exchange(
        self, client: httpx.AsyncClient, method: str, path: str, **options: Any
    ) -> Answer:
        try:
            # A timeout of httpx is for one read: a head that drips would have no end.
            async with (
                asyncio.timeout(MAX_EXCHANGE_SECONDS),
                client.stream(method, path, **options) as response,
            ):
                raw = await _read_body(response)
                return read(response.status_code, response.headers, raw, secret=self._key)
        except AddressRefused as error:
            raise Refused(f"Nothing was sent: {error} {SANDBOX_ONLY}") from error
        except OSError as error:
            raise BrokenExchangeError("The connection broke.") from error

    def _client(self, timeout: httpx.Timeout, *, kept: int) -> httpx.AsyncClient:
        return async_client(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {self._key}", "Accept": "application/json"},
            timeout=timeout,
            kept=kept,
            allow_private=self.allow_private,
            transport=self._transport,
        )


def read(status: int, headers: Mapping[str, str], raw: bytes, *, secret: str) -> Answer:
    """Return an answer from what came over the wire; nothing in it can make this fail."""
    return Answer(
        status=status,
        json=parse_json(raw),
        text=raw[: 4 * MAX_TEXT_CHARACTERS].decode("utf-8", "replace"),
        retry_after=_wait(headers.get("retry-after", "")),
        secret=secret,
    )


async def _read_body(response: httpx.Response) -> bytes:
    """Read the body, but neither without end nor for ever."""
    raw, until = bytearray(), time.monotonic() + MAX_BODY_SECONDS
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # It may hold gigabytes.
        raise BadBodyError("The answer is packed although we asked for it as it is.")
    async for piece in response.aiter_bytes():
        raw += piece
        if len(raw) > MAX_BODY_BYTES or time.monotonic() > until:
            raise BadBodyError("The answer does not end.")
    return bytes(raw)


def clean_text(value: object) -> str:
    """Return vendor text fit to keep: without what no database takes, and not endless."""
    text = value.replace("\x00", "\ufffd") if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()[:MAX_TEXT_CHARACTERS]


def valid_job_id(value: object, clean_text: Callable[[object], str] = clean_text) -> str:
    """Return the id of a vendor's job, "" where this is none.

    Nor is it one where `clean` has to change it, since our key stands in it: ids are kept and shown
    as they are.
    """
    return (
        value
        if isinstance(value, str) and JOB_ID.fullmatch(value) and clean_text(value) == value
        else ""
    )


def parse_json(raw: bytes) -> object:
    """Return what JSON these bytes hold, or None where they hold none that can be read, or far too much."""
    if sum(map(raw.count, (b"{", b"[", b","))) > MAX_JSON_VALUES:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _wait(words: str) -> float | None:
    """Read Retry-After in both of its forms, RFC 9110 section 10.2.3: seconds or a date."""
    if words.isascii() and words.isdigit():
        return min(float(words[:9]), MAX_RETRY_AFTER_SECONDS)
    try:
        until = parsedate_to_datetime(words)
        seconds = (until - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def check_base_url(base_url: str, prefix: str = "", *, allow_private: bool = False) -> str:
    """Return the base address without a slash or the vendor's own prefix at its end, or raise Refused."""
    try:
        address = parse_url(base_url.strip(), allow_private=allow_private)
    except FetchRefused as fault:
        words = "The vendor account needs a base address such as https://api.vendor.example."
        raise Refused(f"{words} {fault}") from None
    return str(address).rstrip("/").removesuffix(prefix)


def allowed_url(words: str, *, allow_private: bool = False) -> httpx.URL | None:
    """Return an HTTP address that the door would let us out to, by its words alone, or None."""
    try:
        return parse_url(words, allow_private=allow_private)
    except FetchRefused:
        return None


def check_api_key(api_key: str) -> str:
    """Refuse a key that no header can carry here, where no error quotes it."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Refused("The API key of the vendor account is empty or holds a character no key has.")
    return key

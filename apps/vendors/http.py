"""HTTP exchanges with a vendor, limited in size and time; the base of all clients."""

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

JOB_ID = re.compile(r"(?!\.{1,2}$)[\x21-\x7e]{1,200}")  # "." and ".." would change a path
MAX_TEXT_CHARACTERS = 2000
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
MAX_BODY_SECONDS = 120.0
MAX_EXCHANGE_SECONDS = 180.0
# With enable_base64_output an answer contains clips of some MB each, else only addresses.
MAX_BODY_BYTES = 64 * 1024 * 1024
# A page of a hundred jobs has some thousands of values. In memory each takes a hundred bytes or
# more, however short its JSON is.
MAX_JSON_VALUES = 200_000
# WaveSpeed's own SDK waits 10 s for a connection, 60 s for an order and 30 s for a poll
# (docs/vendor-contracts.md, section 2.2).
SEND_TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=5.0)
QUERY_TIMEOUT = httpx.Timeout(20.0, connect=10.0, pool=10.0)
SANDBOX_ONLY = "Only an operator can open this way, by marking the vendor account as a sandbox."
# These errors happen before the first byte is sent, so no order can have arrived.
NOT_SENT_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class BadBodyError(httpx.TransportError):
    """The answer was too large, too slow, or compressed although we did not allow it."""


class BrokenExchangeError(httpx.TransportError):
    """The connection broke with an OSError that httpx does not wrap, as TLS errors do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer, read to its end; `json` is None where the body was no JSON."""

    status: int
    json: object
    text: str
    retry_after: float | None
    secret: str = field(repr=False)

    def clean_text(self, value: object) -> str:
        """Return vendor text that can be stored: without our key and NUL bytes, and cut."""
        return clean_text(value.replace(self.secret, "[key]") if isinstance(value, str) else "")

    @property
    def json_object(self) -> Mapping[str, object]:
        """Return the body's JSON object, or an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def is_success(self) -> bool:
        """Tell whether the HTTP status is a success."""
        return 200 <= self.status < 300


class HttpClient:
    """The connections to one vendor account: new ones for orders, kept ones for queries."""

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
        # A kept connection may break just as an order is sent, which would leave it unconfirmed.
        # So every order gets a new connection.
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
        """Send a request that costs money or changes something; raise httpx.RequestError."""
        return await self._exchange(self._clients["send"], method, path, **options)

    async def query(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request that may be repeated; raise httpx.RequestError."""
        return await self._exchange(self._clients["query"], method, path, **options)

    async def exchange_without_key(self, method: str, url: str, **options: Any) -> Answer:
        """Send a request without our key to an upload's address; raise httpx.RequestError."""
        async with async_client(
            timeout=SEND_TIMEOUT, allow_private=self.allow_private, transport=self._transport
        ) as client:
            return await self._exchange(client, method, url, **options)

    async def _exchange(
        self, client: httpx.AsyncClient, method: str, path: str, **options: Any
    ) -> Answer:
        try:
            # A timeout of httpx limits one read only: headers could come byte by byte for ever.
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
    """Return an answer from status, headers and body; no content can make this fail."""
    return Answer(
        status=status,
        json=parse_json(raw),
        text=raw[: 4 * MAX_TEXT_CHARACTERS].decode("utf-8", "replace"),
        retry_after=_retry_after_seconds(headers.get("retry-after", "")),
        secret=secret,
    )


async def _read_body(response: httpx.Response) -> bytes:
    """Return the body, or raise BadBodyError where it is too large or too slow."""
    raw, until = bytearray(), time.monotonic() + MAX_BODY_SECONDS
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # It may unpack to gigabytes.
        raise BadBodyError("The answer is packed although we asked for it as it is.")
    async for piece in response.aiter_bytes():
        raw += piece
        if len(raw) > MAX_BODY_BYTES or time.monotonic() > until:
            raise BadBodyError("The answer does not end.")
    return bytes(raw)


def clean_text(value: object) -> str:
    """Return vendor text that can be stored: without NUL bytes, and cut."""
    text = value.replace("\x00", "\ufffd") if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()[:MAX_TEXT_CHARACTERS]


def valid_job_id(value: object, clean_text: Callable[[object], str] = clean_text) -> str:
    """Return the id of a vendor's job, or "" where it is none.

    A text that `clean_text` changes, because it contains our key, is no id: ids are stored and
    shown as they are.
    """
    return (
        value
        if isinstance(value, str) and JOB_ID.fullmatch(value) and clean_text(value) == value
        else ""
    )


def parse_json(raw: bytes) -> object:
    """Return the JSON of these bytes, or None where it is invalid or too large."""
    if sum(map(raw.count, (b"{", b"[", b","))) > MAX_JSON_VALUES:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _retry_after_seconds(value: str) -> float | None:
    """Return the seconds of a Retry-After header: a number or a date (RFC 9110, 10.2.3)."""
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_RETRY_AFTER_SECONDS)
    try:
        until = parsedate_to_datetime(value)
        seconds = (until - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def check_base_url(base_url: str, prefix: str = "", *, allow_private: bool = False) -> str:
    """Return the base address without the vendor's prefix at its end, or raise Refused."""
    try:
        address = parse_url(base_url.strip(), allow_private=allow_private)
    except FetchRefused as fault:
        message = "The vendor account needs a base address such as https://api.vendor.example."
        raise Refused(f"{message} {fault}") from None
    return str(address).rstrip("/").removesuffix(prefix)


def allowed_url(value: str, *, allow_private: bool = False) -> httpx.URL | None:
    """Return the address if its text is one that we may send requests to, else None."""
    try:
        return parse_url(value, allow_private=allow_private)
    except FetchRefused:
        return None


def check_api_key(api_key: str) -> str:
    """Return the key, or raise Refused without quoting a key that no header can carry."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Refused("The API key of the vendor account is empty or holds a character no key has.")
    return key

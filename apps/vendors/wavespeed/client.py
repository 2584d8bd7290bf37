"""WaveSpeedAI over HTTP: two verbs, no retries, no sleeps (vendor contracts, section 1)."""

import time
from typing import Any
from urllib.parse import quote

import httpx

from apps.core.tls import tls
from apps.vendors.errors import Refused, TryLater, Unsure
from apps.vendors.types import Order, Receipt, Report
from apps.vendors.wavespeed.answers import Answer, read
from apps.vendors.wavespeed.reading import receipt_of, report_of
from apps.vendors.wavespeed.refusals import lost, trouble_of_look, trouble_of_order
from apps.vendors.wavespeed.schema import OFFER, body_of

# The vendor's own SDK waits 10 s for a connection, 60 s for an order and 30 s for a look (contracts 2.2).
ORDER_TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=5.0)
LOOK_TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=5.0)
LONGEST_ANSWER_SECONDS = 120.0
# An answer holds addresses; only with enable_base64_output does it hold clips, some MB each.
LARGEST_ANSWER = 64 * 1024 * 1024
# What fails before the first byte of a request is written; the order is provably not there.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class UnfitAnswerError(httpx.TransportError):
    """The answer was larger, slower or otherwise packed than any honest one."""


class WaveSpeed:
    """A thin, typed door to one WaveSpeedAI account."""

    def __init__(self, *, base_url: str, api_key: str, transport: httpx.BaseTransport | None = None) -> None:
        self._base_url = _checked_base(base_url)
        self._key = _checked_key(api_key)
        # A kept connection may die just as an order goes out, and then nobody knows: orders get a fresh one.
        self._orders = self._client(transport, ORDER_TIMEOUT, kept=0)
        self._looks = self._client(transport, LOOK_TIMEOUT, kept=10)

    def __repr__(self) -> str:
        return f"WaveSpeed(base_url={self._base_url!r})"

    def close(self) -> None:
        """Let the connections go."""
        self._orders.close()
        self._looks.close()

    def submit(self, order: Order) -> Receipt:
        """Place an order once; what may have arrived is Unsure, never sent a second time."""
        body = body_of(order)
        try:
            answer = self._exchange(self._orders, "POST", f"/api/v3/{OFFER.model}", json=body)
        except NEVER_SENT as error:
            raise TryLater("WaveSpeedAI could not be reached; nothing was sent.") from error
        except httpx.RequestError as error:
            raise Unsure(
                "The connection to WaveSpeedAI broke after the order went out; it may have been taken."
            ) from error
        receipt = receipt_of(answer) if answer.good else None
        if receipt is None:
            raise trouble_of_order(answer)
        return receipt

    def result(self, vendor_job_id: str) -> Report:
        """Ask once how a job is doing, at the documented address and then at its older one."""
        place = f"/api/v3/predictions/{quote(vendor_job_id, safe='')}"
        answer = self._look(f"{place}/result")
        if answer.status == 404:  # documents disagree about the suffix (contracts 6, row 5)
            answer = self._look(place)
        if answer.status == 404:
            raise lost(answer)
        report = report_of(answer) if answer.good else None
        if report is None:
            raise trouble_of_look(answer)
        return report

    def _look(self, path: str) -> Answer:
        try:
            return self._exchange(self._looks, "GET", path)
        except httpx.RequestError as error:
            raise TryLater("WaveSpeedAI could not be reached; we ask again later.") from error

    def _exchange(self, client: httpx.Client, method: str, path: str, **options: Any) -> Answer:
        with client.stream(method, path, **options) as response:
            raw = _bounded(response)
            return read(response.status_code, response.headers, raw, secret=self._key)

    def _client(
        self, transport: httpx.BaseTransport | None, timeout: httpx.Timeout, *, kept: int
    ) -> httpx.Client:
        return httpx.Client(
            base_url=self._base_url,
            headers={
                "Authorization": f"Bearer {self._key}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
            timeout=timeout,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=kept),
            transport=transport,
            verify=tls(),
            follow_redirects=False,
            trust_env=False,
        )


def _bounded(response: httpx.Response) -> bytes:
    """Read the body, but neither without end nor for ever."""
    raw, until = bytearray(), time.monotonic() + LONGEST_ANSWER_SECONDS
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnfitAnswerError(
            "The answer is packed although we asked for it as it is."
        )  # it may hold gigabytes
    for piece in response.iter_bytes():
        raw += piece
        if len(raw) > LARGEST_ANSWER or time.monotonic() > until:
            raise UnfitAnswerError("The answer does not end.")
    return bytes(raw)


def _checked_base(base_url: str) -> str:
    try:
        address = httpx.URL(base_url.strip())
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host or address.userinfo:
        raise Refused("The vendor account needs a base address such as https://api.wavespeed.ai.")
    return str(address).rstrip("/").removesuffix("/api/v3")


def _checked_key(api_key: str) -> str:
    """Refuse a key that no header can carry here, where no error quotes it."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Refused("The API key of the vendor account is empty or holds a character no key has.")
    return key

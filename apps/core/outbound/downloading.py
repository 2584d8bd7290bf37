"""Download a file from an address that somebody else wrote: bounded in size, time and redirects."""

import base64
import binascii
import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import httpx

from apps.core.outbound.dialling import Dialler
from apps.core.outbound.errors import (
    AddressRefused,
    FetchError,
    FetchRefused,
    FetchTryLater,
    HostNotFound,
)
from apps.core.outbound.transport import LOCATION, client, timeout_until
from apps.core.outbound.urls import parse_url

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 3
# The server may answer otherwise later; every other 4xx is final.
TEMPORARY_STATUSES = {408, 421, 425, 429}
GONE_STATUSES = {404, 410}
LONGEST_LENGTH_DIGITS = 19  # more digits are no length of a file, but an attack on int()


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The file that was written to the target."""

    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    max_bytes: int
    allow_private: bool
    deadline: float


def download(
    url: str,
    target: BinaryIO,
    *,
    max_bytes: int,
    allow_private: bool = False,
    allow_inline: bool = False,
    timeout: float = 300.0,
    dialler: Dialler | None = None,
) -> Download:
    """Write the file at `url` to `target`; `timeout` bounds the whole download.

    Raises FetchTryLater or FetchRefused.
    """
    if allow_inline and url[:5].lower() == "data:":
        return _write_data_url(url, target, max_bytes)
    deadline = time.monotonic() + timeout
    limits = _Limits(max_bytes=max_bytes, allow_private=allow_private, deadline=deadline)
    source = parse_url(url, allow_private=allow_private)
    with client(deadline=deadline, allow_private=allow_private, dialler=dialler) as http:
        for _ in range(MOST_REDIRECTS + 1):
            with _open(http, source, limits) as response:
                if response.status_code not in REDIRECTS:
                    return _save(response, target, source.host, limits)
                source = _redirect_target(source, response, limits)
    raise FetchRefused(f"{source.host} redirects too often.")


def _redirect_target(source: httpx.URL, response: httpx.Response, limits: _Limits) -> httpx.URL:
    """Return where a redirect leads; it must not leave encryption behind."""
    location = response.extensions.get(LOCATION, "")
    if not location:
        raise FetchRefused(f"{source.host} redirects without an address.")
    try:
        onward = source.join(location)
    except (httpx.InvalidURL, ValueError):
        raise FetchRefused(f"{source.host} redirects to an invalid address.") from None
    if source.scheme == "https" and onward.scheme == "http":
        raise FetchRefused(f"{source.host} redirects to an unencrypted address.")
    return parse_url(str(onward), allow_private=limits.allow_private)


@contextmanager
def _open(http: httpx.Client, source: httpx.URL, limits: _Limits) -> Iterator[httpx.Response]:
    """Send a GET, and close the response at the end."""
    # Built from nothing but the URL: no header of an earlier host reaches the next one.
    request = http.build_request(
        "GET",
        source,
        headers={"Accept": "*/*"},
        timeout=timeout_until(limits.deadline, source.host),
    )
    try:
        response = http.send(request, stream=True)
    except httpx.RequestError as error:
        raise connection_error(source.host, error) from error
    try:
        yield response
    except httpx.RequestError as error:
        raise FetchTryLater("The download was cut off.") from error
    finally:
        response.close()


def connection_error(host: str, error: httpx.RequestError) -> FetchError:
    """Return the error to raise for a request without an answer."""
    if isinstance(error, AddressRefused):
        return FetchRefused(str(error))
    if isinstance(error, HostNotFound):
        return FetchTryLater(str(error))
    return FetchTryLater(f"Couldn't connect to {host}.")


def _save(response: httpx.Response, target: BinaryIO, host: str, limits: _Limits) -> Download:
    _require_success(response, host)
    expected = _content_length(response)
    if expected is not None and expected > limits.max_bytes:
        raise _too_large(host, limits.max_bytes)
    pieces = _within_deadline(response.iter_raw(), host, limits)
    size, sha256 = _write(pieces, target, host, limits.max_bytes)
    if expected is not None and size != expected:
        raise FetchTryLater(f"The download was cut off: {size} of {expected} bytes arrived.")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Download(size=size, sha256=sha256, content_type=kind)


def _require_success(response: httpx.Response, host: str) -> None:
    status = response.status_code
    if status >= 500 or status in TEMPORARY_STATUSES:
        raise FetchTryLater(f"{host} is busy or out of order ({status}).")
    if status in GONE_STATUSES:
        raise FetchRefused(f"{host} has no such file ({status}).")
    if status != 200:
        raise FetchRefused(f"{host} refused to send the file ({status}).")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchRefused(f"{host} sent the file compressed, which isn't supported.")


def _content_length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_LENGTH_DIGITS
    return int(text) if is_number else None


def _within_deadline(pieces: Iterable[bytes], host: str, limits: _Limits) -> Iterator[bytes]:
    for piece in pieces:
        timeout_until(limits.deadline, host)
        yield piece


def _write(pieces: Iterable[bytes], target: BinaryIO, host: str, max_bytes: int) -> tuple[int, str]:
    size = 0
    digest = hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise _too_large(host, max_bytes)
        digest.update(piece)
        target.write(piece)
    return size, digest.hexdigest()


def _too_large(host: str, max_bytes: int) -> FetchRefused:
    return FetchRefused(f"The file from {host} is larger than {max_bytes / 1_000_000:.3g} MB.")


def _write_data_url(url: str, target: BinaryIO, max_bytes: int) -> Download:
    """Write the file that a data: URL contains (RFC 2397), base64 only; nothing is dialled."""
    head, _, encoded = url[5:].partition(",")
    kind, _, coding = head.partition(";")
    try:
        raw = base64.b64decode(encoded, validate=True) if coding == "base64" else None
    except binascii.Error:
        raw = None
    if raw is None:
        raise FetchRefused("The address contains a file that can't be read.")
    size, sha256 = _write([raw], target, "the address", max_bytes)
    return Download(size=size, sha256=sha256, content_type=kind.lower())

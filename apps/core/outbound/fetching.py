"""Fetching a file from an address that somebody else wrote: bounded in size, time and redirects."""

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
from apps.core.outbound.errors import FetchError, FetchRefused, FetchTryLater, NotDialled, NotFound
from apps.core.outbound.transport import LOCATION, client, timeout_until
from apps.core.outbound.urls import parse_url

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 3
# A fault of the moment; every other refusal will be the same tomorrow.
PASSING = {408, 421, 425, 429}


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What was written to the target."""

    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    max_bytes: int
    allow_private: bool
    until: float


def download(  # two for what, the rest for how far we go
    url: str,
    target: BinaryIO,
    *,
    max_bytes: int,
    allow_private: bool = False,
    allow_inline: bool = False,
    timeout: float = 300.0,
    dialler: Dialler | None = None,
) -> Downloaded:
    """Write what `url` holds to `target`, or raise FetchTryLater or FetchRefused; `timeout` is for it all."""
    if allow_inline and url[:5].lower() == "data:":
        return _inline(url, target, max_bytes)
    rules = _Rules(
        max_bytes=max_bytes, allow_private=allow_private, until=time.monotonic() + timeout
    )
    place = parse_url(url, allow_private=allow_private)
    with client(until=rules.until, allow_private=allow_private, dialler=dialler) as door:
        for _ in range(MOST_REDIRECTS + 1):
            with _opened(door, place, rules) as response:
                if response.status_code not in REDIRECTS:
                    return _saved(response, target, place.host, rules)
                place = _next(place, response, rules)
    raise FetchRefused(f"{place.host} sends us from one address to the next.")


def _next(place: httpx.URL, response: httpx.Response, rules: _Rules) -> httpx.URL:
    """Return where a redirect leads; it may not leave encryption behind."""
    location = response.extensions.get(LOCATION, "")
    if not location:
        raise FetchRefused(f"{place.host} redirects to nowhere.")
    try:
        onward = place.join(location)
    except (httpx.InvalidURL, ValueError):
        raise FetchRefused(f"{place.host} redirects to something that is no address.") from None
    if place.scheme == "https" and onward.scheme == "http":
        raise FetchRefused(f"{place.host} redirects to an unencrypted address.")
    return parse_url(str(onward), allow_private=rules.allow_private)


@contextmanager
def _opened(door: httpx.Client, place: httpx.URL, rules: _Rules) -> Iterator[httpx.Response]:
    """Open an address, and close it in the end."""
    # Built from nothing but the address: no header of an earlier host goes on to the next.
    request = door.build_request(
        "GET", place, headers={"Accept": "*/*"}, timeout=timeout_until(rules.until, place.host)
    )
    try:
        response = door.send(request, stream=True)
    except httpx.RequestError as error:
        raise unreached(place.host, error) from error
    try:
        yield response
    except httpx.RequestError as error:
        raise FetchTryLater(f"{place.host} broke off in the middle.") from error
    finally:
        response.close()


def unreached(host: str, error: httpx.RequestError) -> FetchError:
    """Return what it means that a request got no answer."""
    if isinstance(error, NotDialled):
        return FetchRefused(str(error))
    if isinstance(error, NotFound):
        return FetchTryLater(str(error))
    return FetchTryLater(f"{host} could not be reached.")


def _saved(response: httpx.Response, target: BinaryIO, host: str, rules: _Rules) -> Downloaded:
    _insist_on_a_yes(response, host)
    promised = _promised(response)
    if promised is not None and promised > rules.max_bytes:
        raise _too_large(host, rules.max_bytes)
    size, sha256 = _written(
        _in_time(response.iter_raw(), host, rules), target, host, rules.max_bytes
    )
    if promised is not None and size != promised:
        raise FetchTryLater(f"{host} promised {promised} bytes and sent {size}.")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Downloaded(size=size, sha256=sha256, content_type=kind)


def _insist_on_a_yes(response: httpx.Response, host: str) -> None:
    status = response.status_code
    if status >= 500 or status in PASSING:
        raise FetchTryLater(f"{host} is out of order or busy ({status}).")
    if status != 200:
        raise FetchRefused(f"{host} does not hand it out ({status}).")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchRefused(f"{host} sends it packed although we asked for it as it is.")


def _promised(response: httpx.Response) -> int | None:
    words = response.headers.get("content-length", "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 20 else None


def _in_time(pieces: Iterable[bytes], host: str, rules: _Rules) -> Iterator[bytes]:
    for piece in pieces:
        timeout_until(rules.until, host)
        yield piece


def _written(
    pieces: Iterable[bytes], target: BinaryIO, host: str, max_bytes: int
) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise _too_large(host, max_bytes)
        digest.update(piece)
        target.write(piece)
    return size, digest.hexdigest()


def _too_large(host: str, max_bytes: int) -> FetchRefused:
    return FetchRefused(f"{host} sends more than {max_bytes / 1_000_000:.3g} MB.")


def _inline(url: str, target: BinaryIO, max_bytes: int) -> Downloaded:
    """Write what a data: address carries inside itself (RFC 2397), base64 only; nothing is dialled."""
    head, _, packed = url[5:].partition(",")
    kind, _, coding = head.partition(";")
    try:
        raw = base64.b64decode(packed, validate=True) if coding == "base64" else None
    except binascii.Error:
        raw = None
    if raw is None:
        raise FetchRefused("The address carries a file that cannot be read.")
    size, sha256 = _written([raw], target, "The address", max_bytes)
    return Downloaded(size=size, sha256=sha256, content_type=kind.lower())

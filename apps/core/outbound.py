"""The one safe way to fetch what somebody else's URL points at.

The host is resolved once, every address is checked, and the connection goes to the checked address itself,
so that a name that changes its mind in between (DNS rebinding) gains nothing. Each redirect starts over.
"""

import base64
import binascii
import hashlib
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import httpx

from apps.core.addresses import may_dial
from apps.core.errors import DomainError
from apps.core.tls import tls

Resolver = Callable[[str, int], Sequence[str]]

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4
# A fault of the moment; every other refusal will be the same tomorrow.
PASSING = {408, 421, 425, 429}


class FetchError(DomainError):
    """A file could not be fetched."""


class FetchTryLater(FetchError):
    """The other side is out of reach or out of order; the same address may work in a while."""


class FetchRefused(FetchError):
    """The address will not do: forbidden, gone, too large."""


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
    resolver: Resolver


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses of a host as this machine sees them, in the order to try."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def download(  # two for what, the rest for how far we go
    url: str,
    target: BinaryIO,
    *,
    max_bytes: int,
    allow_private: bool = False,
    timeout: float = 300.0,
    transport: httpx.BaseTransport | None = None,
    resolver: Resolver | None = None,
) -> Downloaded:
    """Write what `url` holds to `target`, or raise FetchTryLater or FetchRefused; `timeout` is for it all."""
    if url[:5].lower() == "data:":
        return _inline(url, target, max_bytes)
    rules = _Rules(
        max_bytes=max_bytes,
        allow_private=allow_private,
        until=time.monotonic() + timeout,
        resolver=resolver or system_resolver,
    )
    with httpx.Client(transport=transport, verify=tls(), trust_env=False, follow_redirects=False) as client:
        place = _parsed(url)
        for _ in range(MOST_REDIRECTS + 1):
            with _opened(client, place, rules) as response:
                if response.status_code not in REDIRECTS:
                    return _saved(response, target, place.host, rules)
                place = _next(place, response)
    raise FetchRefused(f"{place.host} sends us from one address to the next.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What the other side said to what was sent: its status and the beginning of its answer."""

    status: int
    text: str


def post(
    url: str,
    content: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
    allow_private: bool = False,
) -> Posted:
    """Send `content` to a checked address; return its answer, whatever it is. No redirect is followed."""
    rules = _Rules(
        max_bytes=4096,
        allow_private=allow_private,
        until=time.monotonic() + timeout,
        resolver=system_resolver,
    )
    place = _parsed(url)
    with httpx.Client(verify=tls(), trust_env=False, follow_redirects=False) as client:
        try:
            for address in _addresses(place, rules):
                request = _request(client, place, address, rules, content=content, headers=headers)
                try:
                    response = client.send(request, stream=True)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
                with closing(response):
                    text = _beginning(response, place.host, rules).decode("utf-8", "replace")
                    return Posted(status=response.status_code, text=text)
        except httpx.RequestError as error:
            raise FetchTryLater(f"{place.host} broke off in the middle.") from error
    raise FetchTryLater(f"{place.host} could not be reached.")


def _beginning(response: httpx.Response, host: str, rules: _Rules) -> bytes:
    found = bytearray()
    for piece in _in_time(response.iter_raw(1024), host, rules):
        found += piece
        if len(found) >= rules.max_bytes:
            break
    return bytes(found[: rules.max_bytes])


def _parsed(url: str) -> httpx.URL:
    try:
        place = httpx.URL(url)
    except httpx.InvalidURL:
        raise FetchRefused("This is not an address.") from None
    if place.scheme not in {"http", "https"} or not place.host:
        raise FetchRefused("Only addresses that start with http:// or https:// can be fetched.")
    if place.userinfo:
        raise FetchRefused("An address with a user name or a password in it is not fetched.")
    return place


def _next(place: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Return where a redirect leads; it may not leave encryption behind."""
    try:
        onward = place.join(response.headers.get("location", ""))
    except httpx.InvalidURL:
        raise FetchRefused(f"{place.host} redirects to something that is no address.") from None
    if place.scheme == "https" and onward.scheme == "http":
        raise FetchRefused(f"{place.host} redirects to an unencrypted address.")
    return _parsed(str(onward))


@contextmanager
def _opened(client: httpx.Client, place: httpx.URL, rules: _Rules) -> Iterator[httpx.Response]:
    """Open one address of the host, the first that takes the connection, and close it in the end."""
    try:
        response = _first_answer(client, place, _addresses(place, rules), rules)
    except httpx.RequestError as error:
        raise FetchTryLater(f"{place.host} could not be reached.") from error
    try:
        yield response
    except httpx.RequestError as error:
        raise FetchTryLater(f"{place.host} broke off in the middle.") from error
    finally:
        response.close()


def _first_answer(
    client: httpx.Client, place: httpx.URL, addresses: Sequence[str], rules: _Rules
) -> httpx.Response:
    for address in addresses[:-1]:
        try:
            return client.send(_request(client, place, address, rules), stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return client.send(_request(client, place, addresses[-1], rules), stream=True)


def _request(
    client: httpx.Client,
    place: httpx.URL,
    address: str,
    rules: _Rules,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Request:
    """Build a request to an address, with the host's name where HTTP and TLS look for it."""
    left = _seconds_left(place.host, rules)
    ours = {"Host": place.netloc.decode("ascii"), "Accept": "*/*", "Accept-Encoding": "identity"}
    return client.build_request(
        "GET" if content is None else "POST",
        place.copy_with(host=address),
        content=content,
        headers={**(headers or {}), **ours},
        timeout=httpx.Timeout(min(30.0, left), connect=min(10.0, left)),
        extensions={"sni_hostname": place.raw_host.decode("ascii")},
    )


def _addresses(place: httpx.URL, rules: _Rules) -> Sequence[str]:
    """Return the host's addresses; one forbidden address condemns the name."""
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        found = rules.resolver(place.raw_host.decode("ascii"), port)
    except UnicodeError:
        raise FetchRefused(f"{place.host} is no name of a host.") from None
    except OSError as error:
        raise FetchTryLater(f"The name {place.host} could not be looked up.") from error
    if not found:
        raise FetchTryLater(f"The name {place.host} has no address.")
    if not all(may_dial(address, allow_private=rules.allow_private) for address in found):
        raise FetchRefused(f"{place.host} lies in a network that is not fetched from.")
    return found[:MOST_ADDRESSES]


def _saved(response: httpx.Response, target: BinaryIO, host: str, rules: _Rules) -> Downloaded:
    _insist_on_a_yes(response, host)
    promised = _promised(response)
    if promised is not None and promised > rules.max_bytes:
        raise _too_large(host, rules.max_bytes)
    size, sha256 = _written(_in_time(response.iter_raw(), host, rules), target, host, rules.max_bytes)
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
        _seconds_left(host, rules)
        yield piece


def _written(pieces: Iterable[bytes], target: BinaryIO, host: str, max_bytes: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise _too_large(host, max_bytes)
        digest.update(piece)
        target.write(piece)
    return size, digest.hexdigest()


def _seconds_left(host: str, rules: _Rules) -> float:
    left = rules.until - time.monotonic()
    if left <= 0:
        raise FetchTryLater(f"{host} takes too long.")
    return left


def _too_large(host: str, max_bytes: int) -> FetchRefused:
    return FetchRefused(f"{host} sends more than {max_bytes / 1_000_000:g} MB.")


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

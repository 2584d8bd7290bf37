"""Which URLs are ours to go to, judged by their words; what a name resolves to is judged at dialling."""

import re
from ipaddress import ip_address

import httpx

from apps.core.addresses import may_dial
from apps.core.outbound.errors import FetchRefused

PORTS = frozenset({80, 443, 8080, 8443})
LARGEST_PORT = 65535
LONGEST_NAME = 253
# Programs disagree about what these mean in a URL, and whoever disagrees with us leads us astray.
STRANGE = re.compile(r"[\x00-\x1f\x7f-\x9f\\]|^\s|\s$")
NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# Resolvers read names that end so as numbers: 0x7f.1, 2130706433, 0177.0.0.1, 127.1.
NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")


def parse_url(words: str, *, allow_private: bool = False) -> httpx.URL:
    """Return what these words name, or raise FetchRefused; nothing is looked up."""
    if STRANGE.search(words):
        raise FetchRefused(
            "An address with spaces, control characters or backslashes in it is not fetched."
        )
    if not _has_plain_port(words):
        raise FetchRefused("There is no such port.")
    try:
        place = httpx.URL(words)
        place.host  # noqa: B018  # it cannot be said where its punycode is broken
    except (httpx.InvalidURL, ValueError):  # ValueError: half a character
        raise FetchRefused("This is not an address.") from None
    if fault := fault_of(place, allow_private=allow_private):
        raise FetchRefused(fault)
    return place


def fault_of(place: httpx.URL, *, allow_private: bool) -> str:
    """Return why we do not go to this URL, or "" where its words are no reason."""
    host = place.raw_host.decode("ascii")
    if place.scheme not in {"http", "https"} or not host:
        return "Only addresses that start with http:// or https:// can be fetched."
    if place.userinfo:
        return "An address with a user name or a password in it is not fetched."
    if not _is_name(host):
        try:
            ip_address(host)
        except ValueError:
            return "This address names no host that we know how to find."
        if not may_dial(host, allow_private=allow_private):
            return forbidden(host)
    if not (allow_private or port_of(place) in PORTS):
        return f"Only the ports {', '.join(map(str, sorted(PORTS)))} are connected to, not {port_of(place)}."
    return "" if 0 < port_of(place) <= LARGEST_PORT else "There is no such port."


def forbidden(host: str) -> str:
    """Say that a host is where nobody may send us."""
    return f"{host} lies in a network that is not fetched from."


def port_of(place: httpx.URL) -> int:
    """Return the port of a URL, named or not."""
    default = 443 if place.scheme == "https" else 80
    return default if place.port is None else place.port


def _has_plain_port(words: str) -> bool:
    """Tell whether the port, if one is named, is nothing but digits: int() takes signs and other scripts too."""
    authority = re.split(r"[/?#]", words.partition("://")[2], maxsplit=1)[0]
    port = authority.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    return not port or (port.isascii() and port.isdigit())


def _is_name(host: str) -> bool:
    return (
        len(host) <= LONGEST_NAME + 1 and bool(NAME.fullmatch(host)) and not NUMBER.fullmatch(host)
    )

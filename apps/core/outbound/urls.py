"""Rules for URLs that somebody else wrote; the addresses of a name are checked when dialling."""

import re
from ipaddress import ip_address

import httpx

from apps.core.addresses import may_dial
from apps.core.outbound.errors import FetchRefused

ALLOWED_PORTS = frozenset({80, 443, 8080, 8443})
LARGEST_PORT = 65535
LONGEST_NAME = 253
NO_SUCH_PORT = "This port doesn't exist."
FORBIDDEN = "Addresses inside this network aren't allowed."
# URL parsers disagree about these characters, and an attacker lives on such a disagreement.
AMBIGUOUS = re.compile(r"[\x00-\x1f\x7f-\x9f\\]|^\s|\s$")
NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# Resolvers read a name that ends like this as a number: 0x7f.1, 2130706433, 0177.0.0.1, 127.1.
NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")


def parse_url(text: str, *, allow_private: bool = False) -> httpx.URL:
    """Return the URL, or raise FetchRefused; its name is not resolved."""
    if AMBIGUOUS.search(text):
        raise FetchRefused("Addresses can't contain spaces, control characters or backslashes.")
    if not _has_plain_port(text):
        raise FetchRefused(NO_SUCH_PORT)
    try:
        url = httpx.URL(text)
        url.host  # noqa: B018  # decoding it fails on broken punycode
    except (httpx.InvalidURL, ValueError):  # ValueError: half a surrogate pair
        raise FetchRefused("This is not a valid address.") from None
    if problem := problem_of(url, allow_private=allow_private):
        raise FetchRefused(problem)
    return url


def problem_of(url: httpx.URL, *, allow_private: bool) -> str:
    """Return why we never connect to this URL, or "" where its text gives no reason."""
    if problem := _problem_of_authority(url, allow_private=allow_private):
        return problem
    port = port_of(url)
    if not allow_private and port not in ALLOWED_PORTS:
        allowed = ", ".join(map(str, sorted(ALLOWED_PORTS)))
        return f"Port {port} isn't allowed. Use one of {allowed}."
    return "" if 0 < port <= LARGEST_PORT else NO_SUCH_PORT


def _problem_of_authority(url: httpx.URL, *, allow_private: bool) -> str:
    host = url.raw_host.decode("ascii")
    if url.scheme not in {"http", "https"} or not host:
        return "The address must start with http:// or https://."
    if url.userinfo:
        return "Addresses can't contain a user name or password."
    if _is_name(host):
        return ""
    try:
        ip_address(host)
    except ValueError:
        return "The address has no valid host name."
    return "" if may_dial(host, allow_private=allow_private) else FORBIDDEN


def port_of(url: httpx.URL) -> int:
    """Return the port of a URL, or the default of its scheme."""
    default = 443 if url.scheme == "https" else 80
    return default if url.port is None else url.port


def _has_plain_port(text: str) -> bool:
    """Tell whether the port, if any, is ASCII digits: int() takes signs and other scripts, too."""
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    port = authority.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    return not port or (port.isascii() and port.isdigit())


def _is_name(host: str) -> bool:
    if len(host) > LONGEST_NAME + 1:
        return False
    return bool(NAME.fullmatch(host)) and not NUMBER.fullmatch(host)

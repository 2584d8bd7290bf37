"""Telling somebody else's server something: one POST, bounded in size and time, without redirects."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from apps.core.outbound.dialling import Dialler
from apps.core.outbound.errors import FetchRefused, FetchTryLater
from apps.core.outbound.fetching import unreached
from apps.core.outbound.transport import client, timeout_until
from apps.core.outbound.urls import parse_url

LONGEST_ANSWER = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What the other side answered: its status, and how its words begin."""

    status: int
    text: str

    @property
    def good(self) -> bool:
        """Tell whether it was taken; a redirect is not followed, and no yes."""
        return 200 <= self.status < 300


def post(
    url: str,
    content: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
    allow_private: bool = False,
    dialler: Dialler | None = None,
) -> Posted:
    """Send `content` once and return the answer, or raise FetchTryLater or FetchRefused; `timeout` is for it all.

    FetchRefused: nothing was sent, and nothing will be. FetchTryLater: it may have arrived.
    """
    until = time.monotonic() + timeout
    place = parse_url(url, allow_private=allow_private)
    with client(until=until, allow_private=allow_private, dialler=dialler) as door:
        try:
            request = door.build_request(
                "POST",
                place,
                content=content,
                headers=headers,
                timeout=timeout_until(until, place.host),
            )
            response = door.send(request, stream=True)
        except (httpx.LocalProtocolError, ValueError) as error:
            raise FetchRefused("A header cannot be sent as it is.") from error
        except httpx.RequestError as error:
            raise unreached(place.host, error) from error
        try:
            return Posted(status=response.status_code, text=_beginning(response, until))
        except httpx.RequestError as error:
            raise FetchTryLater(f"{place.host} broke off in the middle.") from error
        finally:
            response.close()


def _beginning(response: httpx.Response, until: float) -> str:
    """Read no more of an answer than somebody will look at."""
    raw = bytearray()
    for piece in response.iter_raw():
        raw += piece
        if len(raw) >= LONGEST_ANSWER or time.monotonic() > until:
            break
    return raw[:LONGEST_ANSWER].decode("utf-8", "replace").replace("\x00", "\ufffd")
